"""The rows of the table of routes about error records: what stands in the way, what may be chosen, and answers."""

from collections.abc import Iterator

from qbwc_server.domain.people import Scope
from qbwc_server.web.api import errors, rulings
from qbwc_server.web.api import parameters as p
from qbwc_server.web.api.bodies import Body
from qbwc_server.web.api.serving import Route


def routes() -> Iterator[Route]:
    """What stands in the way: listed, looked at, tried again, answered, let be."""
    place, tag = "/connectors/{connector}/errors", "Error records"
    yield Route(
        "GET",
        place,
        errors.listing,
        "list_errors",
        "What stands in the way, and what to do about it",
        {200: "Errors"},
        tag,
        query=(p.ERROR_STATE, *p.ERRORS_BY, p.GROUP_BY, p.BY_ROW, p.LIMIT),
    )
    yield Route(
        "POST",
        f"{place}/retry",
        errors.retry,
        "retry_errors",
        "Try again what waits behind a cause key, or behind some error records",
        {200: "RetryOutcome"},
        tag,
        body=Body("Retry"),
    )
    yield Route(
        "GET",
        f"{place}/{{error_id}}",
        errors.show,
        "get_error",
        "One error record",
        {200: "ErrorInFull"},
        tag,
    )
    yield Route(
        "POST",
        f"{place}/{{error_id}}/dismiss",
        errors.dismiss,
        "dismiss_error",
        "Let an error record rest",
        {200: "ErrorInFull"},
        tag,
        body=Body("Dismissal"),
        description="Its record is cancelled; nothing in QuickBooks is touched.",
    )
    yield Route(
        "POST",
        f"{place}/{{error_id}}/answer",
        errors.answer,
        "answer_error",
        "Carry out one of the choices of an error record",
        {200: "Answered"},
        tag,
        body=Body("Answer"),
        fails=(409,),
        description="It is carried out for everything that waits for the same cause behind the same key. 409 when the "
        "token is stale: somebody has answered, the record or what may be chosen has changed; `error` of the problem "
        "is the error record as it stands now, with its new token.",
    )
    yield from _of_rulings(tag)


def _of_rulings(tag: str) -> Iterator[Route]:
    place = "/connectors/{connector}/rulings"
    yield Route(
        "GET",
        place,
        rulings.listing,
        "list_rulings",
        "What people said for good of what could not be told",
        {200: "Rulings"},
        tag,
        description="Each comes from an answer: this entry is meant whenever that email, SKU, name or id is named, or "
        "a "
        "record is to be created. It counts only where matching tells nothing.",
    )
    yield Route(
        "DELETE",
        f"{place}/{{ruling_id}}",
        rulings.take_back,
        "take_back_ruling",
        "Take back what somebody said for good",
        {200: "Ruling"},
        tag,
        description="What is in QuickBooks already stays as it is.",
        scope=Scope.MANAGE,
    )
