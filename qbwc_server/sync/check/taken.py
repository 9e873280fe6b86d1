"""Names and entries of QuickBooks' lists that are taken, and by what: nothing is created or matched over them."""

from qbwc_server.domain.causes import AlreadyLinked, Candidate, NameInUse
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.records import Link, Record, external_guid
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.check.verdicts import Matched, Verdict, blocked


def already_linked(record: Record, holder: Record, quickbooks_id: str, name: str | None) -> AlreadyLinked:
    """The cause that names the record which has what this one would be."""
    return AlreadyLinked(record.label, holder.label, quickbooks_id, record.kind.is_document, name)


def link_to(entry: ListEntry, matched_by: str) -> Link:
    """The link to an entry of the list cache."""
    return Link(entry.list_id, entry.edit_sequence, entry.full_name, matched_by, "cache")


def name_taken(known: Known, record: Record, full_name: str) -> Verdict | None:
    """The verdict when QuickBooks holds the name already; None when it is free."""
    own_list = ListName(record.kind)
    for list_name in own_list.sharing:
        for entry in known.by_name(list_name, full_name):
            if entry.is_deleted:
                continue
            if list_name is own_list and _is_ours(known, record, entry):
                # created by us, and perhaps retired since: that is told when it is to be changed
                other = known.holder(record, entry.list_id)
                if other is not None:
                    return blocked(already_linked(record, other, entry.list_id, entry.full_name))
                return Matched(link_to(entry, "created"))
            if list_name is not own_list:
                return blocked(NameInUse(own_list, full_name, holder(entry)))
            owner = known.holder(record, entry.list_id)
            same, taken_by = (Candidate(entry.full_name, entry.list_id),), owner.label if owner else None
            return blocked(NameInUse(own_list, full_name, holder(entry), same, taken_by))
    return None


def _is_ours(known: Known, record: Record, entry: ListEntry) -> bool:
    guid = entry.external_guid
    return guid is not None and guid.upper() == external_guid(known.connector.uuid, record).upper()


def holder(entry: ListEntry) -> str:
    """What holds a name, for a sentence: ``an inactive customer with the email a@b.example``."""
    words = [entry.list_name.entry_label]
    if not entry.is_active:
        words.insert(0, "inactive")
    if entry.list_name is ListName.ITEM:
        words.append(
            f"with the Manufacturer's Part Number {entry.sku}" if entry.sku else "without a part number"
        )
    elif entry.list_name.is_matched:
        words.append(f"with the email {entry.email}" if entry.email else "without an email")
    text = " ".join(words)
    return f"{'an' if text[0] in 'aeiou' else 'a'} {text}"
