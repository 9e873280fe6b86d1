"""What was written, by whom, in which order: the record against which "exactly once" is judged."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from qbwc_server.simulator.quickbooks.book import Fields
from qbwc_server.simulator.quickbooks.pc_clock import write_moment


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One executed write.

    Attributes:
        number: 1, 2, 3 … over the life of the file.
        time: moment in UTC, ``2026-11-22T10:00:00Z``.
        by: ``application`` (a qbXML request) or ``person``.
        request: element name such as ``InvoiceAddRq``, or what the person did.
        kind: kind of record.
        record_id: its ListID or TxnID.
        name: its Name, Initial or RefNumber.
        external_guid: its ExternalGUID, if it has one.
        edit_sequence: after the write; None for deletions.
        request_id, message_set_id: of the request that did it.
    """

    number: int
    time: str
    by: str
    request: str
    kind: str
    record_id: str
    name: str | None = None
    external_guid: str | None = None
    edit_sequence: str | None = None
    request_id: str | None = None
    message_set_id: str | None = None


class Ledger:
    """An append-only list of entries, read from and written to the state file.

    Args:
        state: the entries as the state file keeps them.
    """

    def __init__(self, state: list[Fields]) -> None:
        self._entries = [LedgerEntry(**each) for each in state]

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """All entries, oldest first."""
        return tuple(self._entries)

    def add(
        self,
        request: str,
        kind: str,
        record: Fields,
        moment: datetime,
        *,
        by: str,
        request_id: str | None = None,
        message_set_id: str | None = None,
    ) -> None:
        """Note a write that was executed just now."""
        names = (record.get(name) for name in ("RefNumber", "Name", "Initial", "FullName"))
        self._entries.append(
            LedgerEntry(
                number=len(self._entries) + 1,
                time=write_moment(moment),
                by=by,
                request=request,
                kind=kind,
                record_id=record.get("ListID") or record.get("TxnID") or record.get("OwnerID") or "",
                name=next((name for name in names if name), None),
                external_guid=record.get("ExternalGUID"),
                edit_sequence=record.get("EditSequence"),
                request_id=request_id,
                message_set_id=message_set_id,
            )
        )

    def to_state(self) -> list[Fields]:
        """The entries for the state file, without what is absent."""
        return [{k: v for k, v in asdict(each).items() if v is not None} for each in self._entries]
