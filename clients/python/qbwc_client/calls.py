"""What can be asked of the server, each as a value: how it is sent, how its answer is read, may it be repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote
from uuid import uuid4

from qbwc_client.models import Answered, Error, ErrorInFull, EventPage, Line, Record
from qbwc_client.values import dumps, loads

T = TypeVar("T")

PLURALS: Mapping[str, str] = {
    "customer": "customers",
    "vendor": "vendors",
    "item": "items",
    "invoice": "invoices",
    "purchase_order": "purchase-orders",
}
"""How each kind is called in an address."""

JSON, LINES, XML = "application/json", "application/x-ndjson", "application/xml"


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request.

    Attributes:
        path: below the connector's address.
        is_repeatable: whether it comes to the same to send it again when no answer came.
        seconds: so much longer than others it may take.
    """

    method: str
    path: str
    read: Callable[[Any], T]
    query: Mapping[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    is_repeatable: bool = False
    seconds: float = 0


def once(
    path: str,
    read: Callable[[Any], T],
    query: Mapping[str, Any] | None = None,
    body: bytes | None = None,
    media_type: str = JSON,
    seconds: float = 0,
) -> Call[T]:
    """A POST that is carried out once, however often it is sent: it has a name by which the server knows it again."""
    name = {"Idempotency-Key": str(uuid4())}
    return Call("POST", path, read, query or {}, body, media_type, name, is_repeatable=True, seconds=seconds)


def in_address(text: str) -> str:
    """A text as one step of an address."""
    return quote(text, safe="")


def _record(kind: str, external_id: str) -> str:
    return f"/{plural(kind)}/{in_address(external_id)}"


def plural(kind: str) -> str:
    """How a kind is called in an address.

    Raises:
        ValueError: there is no such kind.
    """
    try:
        return PLURALS[kind]
    except KeyError:
        raise ValueError(f"{kind!r} is no kind: it is one of {', '.join(PLURALS)}") from None


def as_query(**given: Any) -> dict[str, Any]:
    """Parameters as the API reads them; what is None is left out."""
    return {name: _text(value) for name, value in given.items() if value is not None}


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case str() | int() | float():
            return str(value)
        case Sequence():
            return ",".join(map(str, value))
    return str(value)


# --- records ------------------------------------------------------------------------------------------------


def put(
    kind: str,
    external_id: str,
    content: Mapping[str, Any],
    wait: int | None,
    priority: int | None,
    revive: bool,
    if_match: str | None,
) -> Call[Record]:
    """Hand a record over."""
    return Call(
        "PUT",
        _record(kind, external_id),
        Record.of,
        as_query(wait=wait, priority=priority, revive=revive or None),
        dumps(content),
        headers={"If-Match": if_match} if if_match else {},
        # repeated after its answer was lost, a precondition would not hold any more
        is_repeatable=if_match is None,
        seconds=wait or 0,
    )


def get(kind: str, external_id: str, wait: int | None = None) -> Call[Record]:
    """Look at a record."""
    path = _record(kind, external_id)
    return Call("GET", path, Record.of, as_query(wait=wait), is_repeatable=True, seconds=wait or 0)


def cancel(kind: str, external_id: str) -> Call[Record]:
    """Withdraw a record."""
    return Call("DELETE", _record(kind, external_id), Record.of, is_repeatable=True)


def decide(kind: str, external_id: str, decision: str) -> Call[Record]:
    """Have something done about a record: ``void``, ``retry`` or ``post-as-new``."""
    return once(f"{_record(kind, external_id)}/{decision}", Record.of)


def records(
    kind: str, cursor: str | None, found_by: Mapping[str, Any]
) -> Call[tuple[list[Record], str | None]]:
    """A page of records."""

    def read(told: Any) -> tuple[list[Record], str | None]:
        return [Record.of(each) for each in told["records"]], told["next"]

    return Call("GET", f"/{plural(kind)}", read, as_query(cursor=cursor, **found_by), is_repeatable=True)


def batch(lines: Sequence[Mapping[str, Any]], revive: bool) -> Call[list[Line]]:
    """Hand many records over; each is a PUT of its own, so all of it may be repeated."""
    return Call(
        "POST",
        "/batch",
        lambda told: [Line.of(each) for each in told],
        as_query(revive=revive or None),
        b"\n".join(map(dumps, lines)),
        LINES,
        is_repeatable=True,
        seconds=60,
    )


# --- errors and events --------------------------------------------------------------------------------------


def errors(cursor: str | None, found_by: Mapping[str, Any]) -> Call[tuple[list[Error], str | None]]:
    """A page of errors."""

    def read(told: Any) -> tuple[list[Error], str | None]:
        return [Error.of(each) for each in told["errors"]], told["next"]

    return Call("GET", "/errors", read, as_query(cursor=cursor, **found_by), is_repeatable=True)


def error(error_id: int) -> Call[ErrorInFull]:
    """An error with what may be chosen."""
    return Call("GET", f"/errors/{error_id}", ErrorInFull.of, is_repeatable=True)


def answer(error_id: int, choice: str, token: str, value: str | None, note: str | None) -> Call[Answered]:
    """Carry out a choice."""
    said = {"choice": choice, "token": token, "value": value, "note": note}
    body = dumps({name: each for name, each in said.items() if each is not None})
    return once(f"/errors/{error_id}/answer", Answered.of, body=body)


def dismiss(error_id: int, note: str) -> Call[ErrorInFull]:
    """Let an error rest."""
    return once(f"/errors/{error_id}/dismiss", ErrorInFull.of, body=dumps({"note": note}))


def events(
    after: int, mark: str | None, wait: int | None, limit: int | None, wanted: Mapping[str, Any]
) -> Call[EventPage]:
    """A part of the events."""
    query = as_query(after=after, mark=mark, wait=wait, limit=limit, **wanted)
    return Call("GET", "/events", EventPage.of, query, is_repeatable=True, seconds=wait or 0)


# --- everything else ----------------------------------------------------------------------------------------


def as_it_comes(told: Any) -> Any:
    """An answer that has no shape of its own here."""
    return told


def other(method: str, path: str, query: Mapping[str, Any], body: object) -> Call[Any]:
    """Any address of the connector."""
    is_repeatable = method in ("GET", "PUT", "DELETE")
    sent = None if body is None else dumps(body)
    return Call(
        method,
        f"/{path.strip('/')}".rstrip("/"),
        as_it_comes,
        as_query(**query),
        sent,
        is_repeatable=is_repeatable,
    )


def read_body(media_type: str, text: bytes) -> Any:
    """The JSON of an answer, or a list of that of its lines; None where it has none."""
    if not text.strip():
        return None
    if "ndjson" in media_type or "jsonl" in media_type:
        return [loads(line) for line in text.splitlines() if line.strip()]
    return loads(text)
