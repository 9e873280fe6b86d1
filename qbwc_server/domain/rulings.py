"""Rulings: what a person said, for good, where it cannot be told which entry of QuickBooks is meant."""

from dataclasses import dataclass
from datetime import datetime

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.records import Record


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is meant by what references name, or by a record; it counts only where matching tells nothing.

    Attributes:
        key: the cause key of what could not be told: ``email:a@b.example``, ``sku:A-7``, ``customer:c-9``; of a
            record itself ``record:customer c-9``.
        list_id: the entry that is meant; None: none is, the record is to be created.
        actor: who said so, and `at` when.
    """

    id: int
    list_name: ListName
    key: str
    list_id: str | None
    actor: str
    at: datetime


def key_of_record(record: Record) -> str:
    """The key of a ruling on a record itself."""
    return f"record:{record.label}"
