"""What a person said where nothing could be told: which entry is meant, or that none is and it is to be created."""

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.records import Record
from qbwc_server.domain.rulings import key_of_record

from .found import Outcome, usable
from .known import Known
from .verdicts import Blocked


def instead(known: Known, list_name: ListName, outcome: Outcome) -> Outcome:
    """The outcome of a reference; where it cannot be told, the entry that a person said is meant by it."""
    if not isinstance(outcome, Blocked):
        return outcome
    for finding in outcome.findings:
        # what blocks the record that is meant is settled there
        ruling = known.ruling(list_name, finding.cause.key) if finding.via_record_id is None else None
        for entry in known.by_ids(list_name, [ruling.list_id]) if ruling and ruling.list_id else ():
            return usable(entry, finding.cause.key)
    return outcome


def is_to_be_created(known: Known, record: Record) -> bool:
    """Whether a person said that QuickBooks does not hold a list record, so that it is created whatever is found."""
    ruling = known.ruling(ListName(record.kind), key_of_record(record))
    return ruling is not None and ruling.list_id is None
