"""An error record in full as hosts see it: what may be chosen, the token to answer with, and what an answer did."""

from typing import Any, Self

from pydantic import Field

from qbwc_server.desk.deciding.answering import Answered
from qbwc_server.desk.error_records.choices import Offer
from qbwc_server.desk.views.base import CandidateView, ErrorView, Id, Moment, View
from qbwc_server.domain.causes import Actor
from qbwc_server.domain.choices import Action, Choice
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.people import Scope
from qbwc_server.domain.rulings import Ruling


class NeedView(View):
    """A value that has to be given with an answer."""

    name: str = Field(description="`list_id`, `txn_id`, `full_name` or `company`.")
    description: str
    look_up: str | None = Field(
        description="The list it is picked from, as a step of an address: `customers` in "
        "`GET …/quickbooks/customers?q=`; null: it is no entry of a list."
    )


class RecordNamedView(View):
    """A record by the host's own id."""

    kind: Kind
    external_id: str


class ChoiceView(View):
    """One way out of an error record."""

    component = "Choice"

    id: str = Field(description="What it is answered by.")
    action: Action = Field(description="What is done, in a word; more choices may have the same.")
    label: str = Field(description="What a button would say.")
    consequence: str = Field(description="What becomes of everything then.")
    answerable: bool = Field(
        description="false: no answer does it. What it says has to be done (hand the record over by PUT, change a "
        "setting), and the error record goes away by itself."
    )
    actor: Actor = Field(description="Who decides it.")
    scope: Scope = Field(description="The scope an API key must have to answer it.")
    candidate: CandidateView | None = Field(description="The entry or document of QuickBooks it names.")
    needs: NeedView | None = Field(description="What has to be given as `value` of the answer.")
    record: RecordNamedView | None = Field(
        description="The record it is about, which may be another than the one that waits."
    )
    fields: tuple[str, ...] = Field(
        description="Of `hand_over_again`: where other values are wanted, as JSON pointers into the record."
    )
    setting: str | None = Field(description="The setting of the connector that is set.")

    @classmethod
    def of(cls, choice: Choice) -> Self:
        """The view of a choice."""
        needs = choice.needs
        kind, external_id = choice.record or (None, "")
        return cls(
            id=choice.id,
            action=choice.action,
            label=choice.label,
            consequence=choice.consequence,
            answerable=choice.is_answerable,
            actor=choice.actor,
            scope=choice.scope,
            candidate=CandidateView.of(choice.candidate) if choice.candidate is not None else None,
            needs=None
            if needs is None
            else NeedView(name=needs.name, description=needs.description, look_up=_step(needs.look_up)),
            record=RecordNamedView(kind=kind, external_id=external_id) if kind is not None else None,
            fields=choice.fields,
            setting=choice.setting,
        )


def _step(list_name: ListName | None) -> str | None:
    return None if list_name is None else list_name.label.replace(" ", "-")


class GivenView(View):
    """What was answered to an error record last."""

    choice: str
    label: str
    actor: str
    at: Moment


class ErrorInFullView(ErrorView):
    """An error record with what may be chosen of it."""

    component = "ErrorInFull"

    waiting: int = Field(ge=0, description="How many wait for the same cause behind the same key.")
    choices: tuple[ChoiceView, ...] = Field(
        description="The ways out, the likeliest first; none once it is closed."
    )
    token: str = Field(
        description="Give it back with the answer: it is refused when something else may be chosen by then."
    )
    answered: GivenView | None = Field(description="What was answered last.")

    @classmethod
    def whole(cls, offer: Offer) -> Self:
        """The view of an error record with its choices."""
        given = offer.answered
        more: dict[str, Any] = {
            "waiting": offer.together,
            "choices": tuple(map(ChoiceView.of, offer.choices)),
            "token": offer.token,
            "answered": None if given is None else GivenView.model_validate(given),
        }
        return cls(**{**ErrorView.of(offer.error).model_dump(), **more})


class AnsweredView(View):
    """What came of an answer."""

    component = "Answered"

    choice: str
    answered: int = Field(
        ge=0, description="How many of those that waited behind the key wait there no more."
    )
    still_waiting: int = Field(
        ge=0, description="How many do yet: they go on with the next visit of the Web Connector, or in vain."
    )
    error: ErrorInFullView

    @classmethod
    def of(cls, done: Answered) -> Self:
        """The view of what came of it."""
        return cls(
            choice=done.choice.id,
            answered=done.answered,
            still_waiting=done.still_waiting,
            error=ErrorInFullView.whole(done.offer),
        )


class RulingView(View):
    """What a person said for good of what could not be told."""

    component = "Ruling"

    id: Id
    list: str = Field(description="The list it is about, as a step of an address.")
    key: str = Field(description="The cause key of what could not be told.")
    list_id: str | None = Field(description="The entry that is meant; null: none is, so it is created.")
    actor: str
    at: Moment

    @classmethod
    def of(cls, ruling: Ruling) -> Self:
        """The view of a ruling."""
        return cls(
            id=ruling.id,
            list=_step(ruling.list_name) or "",
            key=ruling.key,
            list_id=ruling.list_id,
            actor=ruling.actor,
            at=ruling.at,
        )
