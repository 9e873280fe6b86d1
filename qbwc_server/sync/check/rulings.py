"""What a person said of a record that could not be told: that it is none of those in QuickBooks, but new."""

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.records import Record
from qbwc_server.domain.rulings import key_of_record
from qbwc_server.sync.check.known import Known


def is_to_be_created(known: Known, record: Record) -> bool:
    """Whether a person said that QuickBooks does not hold a list record, so that it is created whatever is found."""
    ruling = known.ruling(ListName(record.kind), key_of_record(record))
    return ruling is not None and ruling.list_id is None
