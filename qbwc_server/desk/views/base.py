"""What hosts see, each shape once: the fields by name, their JSON, and the JSON Schema that documents it.

A view names its fields, so that a new attribute (a password's digest, say) never reaches anybody unasked.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from qbwc_server.desk.views.error_views import ErrorGroup, ErrorRecord
from qbwc_server.domain.causes import CATALOGUE, Actor, Candidate
from qbwc_server.domain.kinds import Kind

Schema = dict[str, Any]

COMPONENT = "x-component"
"""Marks what is a component of its own though no view."""

MOST_LISTED = 10
"""So many error records of one group are listed; behind one cause there may be thousands."""

Count = Annotated[int, Field(ge=0)]
Id = Annotated[int, Field(ge=1)]
Moment = Annotated[
    datetime,
    PlainSerializer(datetime.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Amount = Annotated[
    Decimal,
    PlainSerializer(lambda amount: f"{amount:.2f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$"}),
]
CauseName = Annotated[str, WithJsonSchema({"type": "string", "enum": list(CATALOGUE)})]


def named(component: str) -> Schema:
    """A reference to a schema of the documentation."""
    return {"$ref": f"#/components/schemas/{component}"}


class View(BaseModel):
    """A shape; those of a component are documented under its name, the others where they are used."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True, defer_build=True)
    component: ClassVar[str | None] = None

    def as_json(self) -> dict[str, Any]:
        """The JSON object, its fields in their order."""
        return self.model_dump(mode="json")

    @classmethod
    def whole_schema(cls) -> Schema:
        """Its JSON Schema; what is a component of its own is referred to."""
        made = cls.model_json_schema(mode="serialization")
        found = made.pop("$defs", {})
        components = {view.__name__: view.component for view in views()}
        # what stands under a name of Python says in its docstring is meant for whoever reads the code
        shapes = {name: {**shape, "description": None} for name, shape in found.items()}
        shapes |= {name: named(component) for name in found if (component := components.get(name))}
        whole: Schema = _plain({**made, "description": None}, shapes)
        return whole


def views(base: type[View] = View) -> list[type[View]]:
    """Every view there is."""
    return [view for each in base.__subclasses__() for view in (each, *views(each))]


def _plain(schema: Any, shapes: Mapping[str, Schema]) -> Any:
    """A schema without titles, and with what it refers to in its place."""
    if isinstance(schema, list):
        return [_plain(item, shapes) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        key: {name: _plain(inner, shapes) for name, inner in value.items()}
        if key == "properties"
        else _plain(value, shapes)
        for key, value in schema.items()
        if key != "title" and value is not None
    }
    if COMPONENT in made:
        return named(str(made[COMPONENT]))
    refers_to = str(made.get("$ref", ""))
    if refers_to.startswith("#/$defs/"):
        del made["$ref"]
        made = {**_plain(shapes[refers_to.removeprefix("#/$defs/")], shapes), **made}
    return made


# --- error records ------------------------------------------------------------------------------------------


class AnswerView(View):
    """What QuickBooks itself said."""

    code: str
    severity: str | None
    message: str | None


class FaultView(View):
    """One thing that was wrong with what was handed over."""

    component = "Fault"

    pointer: str = Field(
        description="JSON pointer into what was sent (RFC 6901), or /NAME of a parameter.",
    )
    message: str


class LastDocumentView(View):
    """The document of a customer or vendor that was changed last, as far as this server knows."""

    kind: Kind
    external_id: str
    number: str | None
    date: str | None
    amount: Amount | None = Field(description="Before tax.")


class CandidateView(View):
    """An entry or document of QuickBooks that may be meant."""

    component = "Candidate"

    id: str = Field(description="Its ListID, or the TxnID of a document.")
    name: str
    number: str | None = Field(description="Of a document; so `date`, `amount` (its total) and `party`.")
    date: str | None
    amount: str | None
    party: str | None
    email: str | None = Field(description="Of an entry, where it is known; so `account_number`.")
    account_number: str | None
    is_active: bool
    city: str | None = Field(description="Of a customer or vendor, where it is known; so `phone`.")
    phone: str | None
    balance: Amount | None = Field(
        description="What a customer owes, with its jobs, or what is owed to a vendor, as QuickBooks told it at "
        "`told_at`: with its list, so it may have become another since."
    )
    currency: str | None = Field(description="Of `balance`, where the company file has several.")
    told_at: Moment | None
    last_document: LastDocumentView | None

    @classmethod
    def of(cls, candidate: Candidate) -> Self:
        """The view of a candidate."""
        return cls.model_validate(candidate)


class OpenErrorView(View):
    """An error record, as it stands with its record."""

    component = "OpenError"

    id: Id
    cause: CauseName
    sub_reason: str | None
    cause_key: str
    kind: Kind | None = Field(description="null: it concerns the connector as a whole.")
    external_id: str | None
    message: str
    remedy: str
    actor: Actor = Field(description="Who has to do something.")
    retryable: bool
    quickbooks: AnswerView | None
    opened_at: Moment
    times: Id = Field(
        description="How often it happened since, of what concerns the connector as a whole; else 1."
    )
    last_at: Moment = Field(description="When it happened last.")
    address: str | None = Field(
        description="Where the Web Connector called from then; of the connector as a whole only."
    )
    faults: tuple[FaultView, ...] = Field(
        description="Of `not_accepted`: what was wrong with what was handed over last (the first ten)."
    )
    candidates: tuple[CandidateView, ...] = Field(
        description="What may be meant in QuickBooks, as it was when the error record was opened."
    )

    @classmethod
    def of(cls, error: ErrorRecord) -> Self:
        """The view of an error record."""
        return cls.model_validate(error)


class ErrorView(OpenErrorView):
    """An error record, also how it ended."""

    component = "Error"

    closed_at: Moment | None
    close_reason: str | None


class ErrorGroupView(View):
    """A cause key and what waits behind it."""

    component = "ErrorGroup"

    cause: CauseName
    cause_key: str
    message: str
    remedy: str
    actor: Actor = Field(description="Who has to do something.")
    retryable: bool
    count: Id
    errors: tuple[ErrorView, ...] = Field(description="The oldest of them; `count` says how many there are.")

    @classmethod
    def of(cls, group: ErrorGroup) -> Self:
        """The view of a group."""
        return cls(
            cause=group.cause,
            cause_key=group.cause_key,
            message=group.message,
            remedy=group.remedy,
            actor=Actor(group.actor),
            retryable=group.retryable,
            count=group.number,
            errors=tuple(map(ErrorView.of, group.errors[:MOST_LISTED])),
        )
