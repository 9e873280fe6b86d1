"""JSON Schemas of what the API answers and takes, by the names the documentation calls them."""

import re
from typing import Any
from zoneinfo import available_timezones

from qbwc_server.desk.deciding.link_lines import WAYS
from qbwc_server.desk.standing.connector_views import ListEntryView, SummaryView
from qbwc_server.desk.views.base import views
from qbwc_server.domain import external_ids
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.domain.settings import ConnectorSettings
from qbwc_server.web.api import asked_schemas
from qbwc_server.web.api.answer_schema import ANSWER
from qbwc_server.web.api.errors import MOST_IDS
from qbwc_server.web.api.record_schemas import model_name, record_schemas
from qbwc_server.web.api.webhook_schemas import webhook_schemas

Schema = dict[str, Any]

__all__ = ["all_schemas", "model_name", "page_name", "view_name"]

TEXT: Schema = {"type": "string"}
_WITHOUT_NUL: Schema = {"pattern": r"^[^\u0000]*$"}
TEXT_TAKEN = TEXT | _WITHOUT_NUL
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
MOMENT: Schema = {"type": "string", "format": "date-time"}
KIND: Schema = {"type": "string", "enum": [kind.value for kind in Kind]}
QUICKBOOKS_ID: Schema = {"type": "string", "pattern": "^[!-~]{1,36}$"}
EXTERNAL_ID: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": external_ids.LONGEST,
    "pattern": external_ids.PATTERN,
}
STATE: Schema = {"type": "string", "enum": [state.value for state in State]}


def view_name(model: str) -> str:
    """The name of the schema of a record as the server shows it, by that of the record itself."""
    return f"{model}View"


def page_name(model: str) -> str:
    """The name of the schema of a page of them."""
    return f"{model}Page"


def ref(name: str) -> Schema:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(**properties: Schema) -> Schema:
    """An object with exactly these properties, all of them there."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _words(*words: str) -> Schema:
    return {"type": "string", "enum": list(words)}


def _page(**items: Schema) -> Schema:
    return _object(
        **items, next=_or_null(TEXT) | {"description": "Give it as `cursor`; null: this is the last page."}
    )


def all_schemas() -> dict[str, Schema]:
    """Every schema of the document, by name."""
    return {
        **{view.component: view.whole_schema() for view in views() if view.component is not None},
        **record_schemas(),
        **_of_records(),
        **_of_errors(),
        **_of_connectors(),
        **_taken(),
        **webhook_schemas(),
        "WebhookDeliveries": _page(deliveries=_list(ref("WebhookDelivery"))),
        "Document": {"type": "object", "description": "OpenAPI 3.1", "required": ["openapi", "paths"]},
        "Problem": _problem(),
    }


def _problem() -> Schema:
    made = _object(type=TEXT, title=TEXT, status={"type": "integer"}, detail=TEXT, faults=_list(ref("Fault")))
    made["properties"]["error"] = ref("ErrorInFull")
    return made


# --- records ------------------------------------------------------------------------------------------------


def _of_records() -> dict[str, Schema]:
    made = {}
    for kind in Kind:
        view = view_name(model_name(kind))
        made[view] = _view(kind)
        made[page_name(model_name(kind))] = _page(records=_list(ref(view)))
    made["WaitingFor"] = _object(kind=KIND, external_id=TEXT, state=STATE)
    made["BatchOutcome"] = _object(
        line={"type": "integer", "minimum": 1},
        kind=_or_null(KIND),
        external_id=_or_null(TEXT),
        result=_words("created", "changed", "unchanged", "faulty", "failed"),
        state=_or_null(STATE),
        faults=_list(ref("Fault")),
    ) | {"description": "What became of a line. After `failed` no further line was looked at."}
    made["LinkOutcome"] = _object(
        line=_or_null({"type": "integer", "minimum": 1}),
        kind=_or_null(KIND),
        external_id=_or_null(TEXT),
        result=_words("linked", "unchanged", "faulty", "failed"),
        quickbooks_id=_or_null(TEXT),
        full_name=_or_null(TEXT),
        reason=_or_null(TEXT),
    ) | {"description": "What became of a line. After `failed` no further line was looked at."}
    return made


def _view(kind: Kind) -> Schema:
    name = "ref_number" if kind.is_document else "full_name"
    identity = {kind.id_name: _or_null(TEXT), "edit_sequence": _or_null(TEXT), name: _or_null(TEXT)}
    return _object(
        external_id=TEXT,
        kind={"const": kind.value},
        state=STATE,
        revision={"type": "integer", "minimum": 1},
        synced_revision=_or_null(COUNT) | {"description": "The revision QuickBooks holds."},
        version=_or_null(COUNT) | {"description": "Your own, if you count your changes."},
        **identity,
        matched_by=_or_null(TEXT),
        proof=_or_null(TEXT),
        seen_at=_or_null(MOMENT)
        | {
            "description": "As of when that is known: QuickBooks confirmed the record then, or showed the list it "
            "stands in. What a person did there since is not known yet. null: it never did."
        },
        **_linked(kind),
        warnings=_list(TEXT),
        errors=_list(ref("OpenError")),
        is_void=FLAG,
        waiting_for=_list(ref("WaitingFor")),
        not_before=_or_null(MOMENT),
        waiting=_or_null(_object(reason=TEXT, until=_or_null(MOMENT)))
        | {"description": "Why it is not sent yet and until when; null when it goes with the next visit."},
        created_at=MOMENT,
        updated_at=MOMENT,
        record=ref(model_name(kind)),
    )


def _linked(kind: Kind) -> dict[str, Schema]:
    """What a document was linked to by hand."""
    party = KINDS[kind].party
    if party is None:
        return {}
    facts = {name: _or_null(TEXT) for name in ("ref_number", party, "txn_date", "total")}
    told = "The document it was linked to by hand, as QuickBooks showed it then; null before, and for all others."
    return {"linked_document": _or_null(_object(**facts)) | {"description": told}}


# --- error records ------------------------------------------------------------------------------------------


def _of_errors() -> dict[str, Schema]:
    pages = [_page(errors=_list(ref("Error"))), _page(groups=_list(ref("ErrorGroup")))]
    return {
        "Errors": {"oneOf": pages, "description": "`groups` when group_by is given, else `errors`."},
        "Rulings": _object(rulings=_list(ref("Ruling"))),
        "RetryOutcome": _object(
            released=COUNT,
            still_blocked=COUNT,
            unchanged=COUNT
            | {
                "description": "How many of those still blocked were not looked at again: nothing has changed since "
                "that could release them, neither QuickBooks' lists as they were last read, nor the settings, nor the "
                "records. Put the cause right first; what was put right in QuickBooks is seen with the next resync."
            },
            unchanged_since=_or_null(MOMENT) | {"description": "When the first of those was last looked at."},
        ),
    }


# --- connectors ---------------------------------------------------------------------------------------------


def _of_connectors() -> dict[str, Schema]:
    return {
        "Connectors": _page(connectors=_list(SummaryView.whole_schema())),
        "RawRequests": _page(requests=_list(ref("RawRequest"))),
        "ApiKeys": _object(api_keys=_list(ref("ApiKey"))),
        "Settings": {**_settings(), "required": list(ConnectorSettings.model_fields)},
        "TimeZone": _time_zones(),
        "QuickBooksList": _quickbooks_list(),
        "Events": _object(
            events=_list(ref("Event")),
            next=COUNT | {"description": "Give it as `after` to go on from here, at any time."},
            mark=_or_null(TEXT)
            | {"description": "Give it as `mark` beside that `after`; null: nothing happened yet."},
            more=FLAG | {"description": "Whether there is more already."},
        ),
    }


def _time_zones() -> Schema:
    """Every zone there is; generators make names of them, in which a sign must not be lost (GMT+0, GMT-0)."""
    names = sorted(available_timezones())
    plain = [name.replace("+", "_plus_").replace("-", "_minus_") for name in names]
    return {**_words(*names), "x-enum-varnames": [re.sub(r"\W", "_", name).upper() for name in plain]}


def _settings() -> Schema:
    made = ConnectorSettings.model_json_schema()
    for schema in made["properties"].values():
        schema.pop("title", None)
        kinds = schema.get("anyOf", [schema])
        for kind in kinds:
            if kind.get("type") == "string" and "pattern" not in kind:
                kind |= _WITHOUT_NUL
    made["properties"]["time_zone"] = ref("TimeZone")
    return {key: made[key] for key in ("type", "properties", "additionalProperties")}


def _settings_to_change() -> Schema:
    """An empty text gives a setting its default again."""
    made = _settings()
    properties = {name: {"anyOf": [schema, {"const": ""}]} for name, schema in made["properties"].items()}
    return made | {"properties": properties}


def _quickbooks_list() -> Schema:
    made = _page(entries=_list(ListEntryView.whole_schema()), loaded_at=_or_null(MOMENT))
    return made | {"description": "`loaded_at` null: the list was never loaded, so nothing is known of it."}


# --- what is taken ------------------------------------------------------------------------------------------


def _taken() -> dict[str, Schema]:
    note = _object(note=TEXT_TAKEN | {"minLength": 1, "description": "Why, so that the next person knows."})
    ids = {
        "type": "array",
        "items": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
        "minItems": 1,
        "maxItems": MOST_IDS,
    }
    return {
        "BatchLine": {
            "type": "object",
            "description": "A record with its kind and external id beside its own fields.",
            "properties": {
                "kind": KIND,
                "external_id": EXTERNAL_ID,
                "priority": {"type": ["integer", "null"], "minimum": 0, "maximum": 1000},
            },
            "required": ["kind", "external_id"],
            "examples": [{"kind": "item", "external_id": "i-77", "sku": "A-77", "name": "Oyster 100ct"}],
        },
        "LinkLine": {
            "type": "object",
            "description": "A record, and what it is in QuickBooks: a document by its `txn_id`, any other by one of "
            "`list_id`, `full_name`, `email` or `account_number` (customers, vendors), `sku` or `barcode` (items).",
            "properties": {"kind": KIND, "external_id": TEXT, **dict.fromkeys(WAYS, TEXT_TAKEN)},
            "required": ["kind", "external_id"],
            "additionalProperties": False,
            "examples": [{"kind": "customer", "external_id": "c-7", "account_number": "K-17"}],
        },
        **asked_schemas.schemas(),
        "ListLink": _object(list_id=QUICKBOOKS_ID | {"description": "ListID of a record in the list cache."}),
        "TxnLink": _object(txn_id=QUICKBOOKS_ID),
        "Retry": {"oneOf": [_object(cause_key=TEXT_TAKEN), _object(ids=ids)]},
        "Dismissal": note,
        "Answer": ANSWER,
        "SettingsPatch": _settings_to_change(),
    }
