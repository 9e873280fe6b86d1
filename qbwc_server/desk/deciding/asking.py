"""Asking QuickBooks which of its documents have a number, for whoever links one by hand: it shows its TxnID nowhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from qbwc_server.desk.documents.exchanges import root_of
from qbwc_server.desk.requests import raw_requests
from qbwc_server.domain.causes import Candidate
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.host_records import LONGEST_NUMBER
from qbwc_server.domain.in_quickbooks import KINDS, document_fields
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import fold
from qbwc_server.domain.raw_requests import RawRequest, RawState
from qbwc_server.storage import Transaction, records
from qbwc_server.storage import raw_requests as rows
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look

_LOOKED_AT = 100
"""Among so many of the newest requests is looked for the one that asked."""
_NOTHING_THERE = frozenset({1, 500})
"""The status codes by which QuickBooks says that nothing is found."""


@dataclass(frozen=True, slots=True)
class Found:
    """A document of QuickBooks with the number that was asked for.

    Attributes:
        owner: the external id of the record that it belongs to already; None where it can be linked.
    """

    candidate: Candidate
    owner: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking.

    Attributes:
        asked_at: when somebody asked; `answered_at` when QuickBooks answered, None while it has not.
        problem: why there is no answer and none will come.
    """

    number: str
    asked_at: datetime
    answered_at: datetime | None
    found: Sequence[Found]
    problem: str | None


def ask(core: Core, connector_name: str, kind: Kind, number: str, *, actor: str) -> None:
    """Have QuickBooks asked for the documents of a kind with this number, at the next visit.

    Whoever asks again before the answer is there asks once.

    Raises:
        NotFound: there is no such connector.
        InvalidInput: this is no number of a document.
        Conflict: too much waits for QuickBooks already.
    """
    number = number.strip()
    if not number or len(number) > LONGEST_NUMBER:
        raise InvalidInput(
            [Fault("/number", f"enter the number in QuickBooks, at most {LONGEST_NUMBER} characters")]
        )
    known = answer(core, connector_name, kind, number)
    if known is not None and known.answered_at is None and known.problem is None:
        return
    query = etree.Element(_name(kind))
    etree.SubElement(query, "RefNumber").text = number
    for field in document_fields(kind):
        if field != "ExternalGUID":
            etree.SubElement(query, "IncludeRetElement").text = field
    text = etree.tostring(query, encoding="unicode")
    raw_requests.hand_over(core, connector_name, text, follow=False, actor=actor)


def answer(core: Core, connector_name: str, kind: Kind, number: str) -> Asked | None:
    """What came of asking for a number last; None when nobody has, or it is forgotten.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        newest = rows.page(conn, connector.id, limit=_LOOKED_AT)
        raw = next((each for each in newest if each.name == _name(kind) and _asks_for(each, number)), None)
        if raw is None:
            return None
        found = list(_read(rows.pages_of(conn, raw.id), kind)) if raw.state is RawState.ANSWERED else []
        return Asked(
            number=number.strip(),
            asked_at=raw.created_at,
            answered_at=raw.answered_at if raw.state.is_over else None,
            found=tuple(_with_owners(conn, connector.id, kind, found)),
            problem=_problem(raw),
        )


def _name(kind: Kind) -> str:
    return f"{KINDS[kind].name}QueryRq"


def _asks_for(raw: RawRequest, number: str) -> bool:
    """Whether a query asks for this number and nothing else."""
    root = root_of(raw.text)
    numbers = [] if root is None else [item.text or "" for item in root.iter("RefNumber")]
    return len(numbers) == 1 and fold(numbers[0]) == fold(number)


def _problem(raw: RawRequest) -> str | None:
    if raw.state is RawState.CANCELLED:
        return "It was taken back."
    if raw.state is not RawState.REFUSED or raw.status_code in _NOTHING_THERE:
        return None
    return raw.problem or f"QuickBooks said: “{raw.status_message or raw.status_code}”."


def _read(pages: Sequence[str], kind: Kind) -> Iterator[Candidate]:
    row = KINDS[kind]
    party_ref, total = f"{(row.party or '').capitalize()}Ref", (row.total or ("", ""))[1]
    for page in pages:
        root = root_of(page)
        for item in () if root is None else root.iter(f"{row.name}Ret"):
            number, txn_id = item.findtext("RefNumber"), item.findtext("TxnID")
            if txn_id:
                yield Candidate(
                    f"{kind.label} {number or 'without a number'}",
                    txn_id,
                    number=number,
                    date=item.findtext("TxnDate"),
                    amount=item.findtext(total),
                    party=item.findtext(f"{party_ref}/FullName"),
                )


def _with_owners(
    conn: Transaction, connector_id: int, kind: Kind, found: Sequence[Candidate]
) -> Iterator[Found]:
    taken = records.linked_to(conn, connector_id, kind, [each.id for each in found])
    owners = {
        each.link.quickbooks_id: each.external_id for each in taken if each.link and not each.is_surplus
    }
    for each in found:
        yield Found(each, owners.get(each.id))
