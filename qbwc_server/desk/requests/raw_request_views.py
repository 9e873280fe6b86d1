"""What hosts see of requests that somebody has written in qbXML themselves."""

from typing import Any, Self

from pydantic import Field

from qbwc_server.desk.requests.raw_requests import Noted, Shown
from qbwc_server.desk.views.base import Count, Id, Moment, View
from qbwc_server.domain.raw_requests import RawState


class RawRequestView(View):
    """A request without texts, as in a list."""

    component = "RawRequest"

    id: Id
    name: str = Field(description="Of its element: `CustomerQueryRq`.")
    state: RawState = Field(
        description="`uncertain`: a write whose answer was lost; it may have been carried out and is never sent again."
    )
    writes: bool = Field(description="It may change the company file: it is sent once.")
    follow: bool
    actor: str
    created_at: Moment
    updated_at: Moment
    sent_at: Moment | None
    answered_at: Moment | None
    pages: Count = Field(description="How many answers of QuickBooks it took.")
    status_code: int | None = Field(
        description="QuickBooks' own; null before, and where there was no answer."
    )
    status_severity: str | None
    status_message: str | None
    problem: str | None = Field(description="Why there is no answer, and what to do.")
    error_id: Id | None = Field(
        description="Of an uncertain one: the error record by which somebody says whether it was carried out."
    )

    @classmethod
    def of(cls, noted: Noted) -> Self:
        """The view of a request."""
        return cls(**_told(noted))


class WholeRawRequestView(RawRequestView):
    """A request with what was sent and what came back."""

    component = "WholeRawRequest"

    qbxml: str = Field(description="The request, without its requestID.")
    response: str | None = Field(
        description="The answer of QuickBooks: one element, of an iterator that was followed with what all pages hold."
    )

    @classmethod
    def whole(cls, shown: Shown) -> Self:
        """The view of a request and its answer."""
        return cls(qbxml=shown.raw.text, response=shown.response, **_told(Noted(shown.raw, shown.error_id)))


def _told(noted: Noted) -> dict[str, Any]:
    names = (name for name in RawRequestView.model_fields if name != "error_id")
    return {**{name: getattr(noted.raw, name) for name in names}, "error_id": noted.error_id}
