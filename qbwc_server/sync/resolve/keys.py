"""The cause keys behind which others wait for a record, its link, or an entry of a list."""

from collections.abc import Iterable

from qbwc_server.domain.host_records import keys_of
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry, email_keys, fold
from qbwc_server.domain.records import Link, Record
from qbwc_server.sync.check import (
    full_names,
)
from qbwc_server.sync.work import Work


def link_key(record: Record, link: Link) -> str:
    """The cause key behind which others wait that would be linked to the same."""
    return f"{record.kind.id_name}:{link.quickbooks_id}"


def revision_found(record: Record) -> int:
    """The revision of a document that was found in QuickBooks: voiding it is still to be done."""
    return record.revision - 1 if record.is_void else record.revision


def reference_keys(work: Work, record: Record) -> set[str]:
    """The cause keys behind which others may wait for this record to be handed over or linked."""
    own = keys_of(work.known.parsed(record.kind, record.content))
    names = work.ask(lambda: full_names(work.known, record))
    named = {f"{record.kind}_name:{name}" for name in names}
    marks = {key for key in own if not key.startswith("name:")}
    return {f"{record.kind}:{record.external_id}"} | marks | named


def entry_keys(entries: Iterable[ListEntry]) -> set[str]:
    """The cause keys behind which records may wait for these entries of the list cache."""
    keys: set[str] = set()
    for entry in entries:
        keys.add(f"list_id:{entry.list_id}")
        # names are shared between customers and vendors
        keys.update(f"{list_name}_name:{fold(entry.full_name)}" for list_name in entry.list_name.sharing)
        keys.update(f"email:{key}" for key in email_keys(entry.email))
        if entry.account_number:
            keys.add(f"account_number:{fold(entry.account_number)}")
        if entry.list_name is ListName.ITEM:
            # whatever the connector's rules compare with a SKU
            marks = (entry.sku, entry.full_name, entry.own_name, entry.barcode)
            keys.update(f"sku:{fold(mark)}" for mark in marks if mark)
    return keys
