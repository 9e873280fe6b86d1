"""When a way out of an error record is open, which value it needs, and what would have to be handed over."""

from qbwc_server.domain import causes
from qbwc_server.domain.choices.base import Need, Situation
from qbwc_server.domain.decisions import Decision
from qbwc_server.domain.kinds import Kind, ListName

# --- conditions ---------------------------------------------------------------------------------------------

_WITHOUT_A_NAME = frozenset({"email_missing", "number_missing", "sku_missing", "not_named"})
"""Sub-reasons of what says nothing that could be looked for in QuickBooks."""
CAN_BE_NEW = frozenset({"email_unknown", "sku_unknown", "name_unknown"})
"""Sub-reasons of a reference to what the order system may hand over."""


def is_entry_in_question(situation: Situation) -> bool:
    """Whether it can be said which entry of QuickBooks is meant: by the record itself, or by what it names."""
    if situation.list_name is None or not situation.list_name.is_matched:
        return False
    if situation.is_own:
        return Decision.LINK in situation.may
    return not situation.cause.key.startswith("record:")


def is_own_entry(situation: Situation) -> bool:
    """Whether it can be said which entry of QuickBooks the record itself is."""
    return situation.is_own and is_entry_in_question(situation)


def can_be_created(situation: Situation) -> bool:
    """Whether the record can be created as a new entry."""
    return is_own_entry(situation) and situation.is_name_free and not situation.is_linked


def is_looked_for(situation: Situation) -> bool:
    """Whether what could not be told may turn up in QuickBooks."""
    return situation.cause.sub_reason not in _WITHOUT_A_NAME | {causes.NOT_HANDED_OVER}


def can_be_linked(situation: Situation) -> bool:
    """Whether it can be said which document of QuickBooks a document is."""
    is_document = situation.kind is not None and situation.kind.is_document
    return is_document and Decision.LINK in situation.may


def is_matched_anew(situation: Situation) -> bool:
    """Whether it can be forgotten what the record is in QuickBooks."""
    return is_own_entry(situation) and situation.is_linked and Decision.UNLINK in situation.may


def is_retried(situation: Situation) -> bool:
    """Whether QuickBooks itself found it, so that only QuickBooks can tell whether it went away."""
    return not situation.cause.told_by_a_look


def has_default(situation: Situation) -> bool:
    """Whether a default of the connector's would do."""
    return situation.cause.key.startswith("setting:")


# --- what is to be given ------------------------------------------------------------------------------------


def an_id(situation: Situation) -> Need:
    """Which entry or document is meant."""
    if situation.kind is not None and situation.kind.is_document and situation.list_name is None:
        return Need("txn_id", f"TxnID of the {situation.kind.label} in QuickBooks.")
    label = situation.list_name.entry_label if situation.list_name is not None else "entry"
    return Need("list_id", f"ListID of the {label} in QuickBooks.", situation.list_name)


def a_company(situation: Situation) -> Need:
    """The name of a company file, typed by whoever means it."""
    return Need("company", "The name of the company file that is to be confirmed, so that it is no slip.")


def a_default(situation: Situation) -> Need:
    """The entry that is to be the default."""
    what = getattr(situation.cause, "what", None) or ""
    list_name = ListName.ACCOUNT if what.endswith("account") else ListName.TERMS
    return Need("full_name", f"Full name of the {what} in QuickBooks.", list_name)


# --- what is to be handed over ------------------------------------------------------------------------------

_OWN_FIELDS = {
    "email_missing": ("/email",),
    "number_missing": ("/account_number",),
    "sku_missing": ("/sku",),
}


def of_match(situation: Situation) -> tuple[str, ...]:
    """Where it stands what could not be told."""
    why = situation.cause.sub_reason or ""
    if situation.is_own:
        by_item = situation.list_name is ListName.ITEM
        return _OWN_FIELDS.get(why, ("/sku" if by_item else "/email", "/name"))
    if situation.list_name is ListName.ITEM:
        return ("/lines",)
    field = f"/{situation.list_name}"
    if situation.kind is not None and situation.kind.is_document:
        return (field,)
    return ("/parent",) if str(situation.kind) == str(situation.list_name) else ("/pref_vendor",)


def of_entry(situation: Situation) -> tuple[str, ...]:
    """The same of an entry that is gone or retired; which field names an entry of other lists is not told."""
    return of_match(situation) if is_entry_in_question(situation) else ()


def of_field(situation: Situation) -> tuple[str, ...]:
    """The field whose value cannot be sent."""
    field = getattr(situation.cause, "field", None)
    return ("/" + field.replace(".", "/"),) if field else ()


def of_faults(situation: Situation) -> tuple[str, ...]:
    """The faults of what was not accepted."""
    return tuple(pointer for pointer, _ in getattr(situation.cause, "faults", ()))


def of_reference(situation: Situation) -> tuple[str, ...]:
    """The field that names what is missing."""
    what = (getattr(situation.cause, "what", None) or "").replace(" ", "_")
    return (f"/{what}",) if what else ()


def refused_one(situation: Situation) -> tuple[Kind, str] | None:
    """The record that was not accepted."""
    cause = situation.cause
    return (Kind(cause.kind), cause.external_id) if isinstance(cause, causes.NotAccepted) else None


def missing_one(situation: Situation) -> tuple[Kind, str] | None:
    """The record that is named by its external id, and was not handed over."""
    key, _, value = situation.cause.key.partition(":")
    return (Kind(key), value) if situation.cause.sub_reason == causes.NOT_HANDED_OVER else None


def set_default(situation: Situation) -> str | None:
    """The setting of a default."""
    return f"default_{(getattr(situation.cause, 'what', None) or '').replace(' ', '_')}"


def setting(situation: Situation) -> str | None:
    """The setting that is part of a value."""
    return getattr(situation.cause, "setting", None)


def changed(situation: Situation) -> tuple[str, ...]:
    """The fields that a person changed."""
    return tuple(f"/{field}" for field in getattr(situation.cause, "differences", {}))
