"""Words for error records that stand together, of which none is quoted: those behind one key, and all of one cause."""

from enum import StrEnum

from qbwc_server.domain.causes.base import Cause, at_the_start
from qbwc_server.domain.causes.connector import WrongCompanyFile
from qbwc_server.domain.causes.documents import DocumentDeleted, LinkRefused, NumberConflict
from qbwc_server.domain.causes.lists import AlreadyLinked, NameInUse, RecordDeleted, RecordInactive
from qbwc_server.domain.causes.matching import CustomerNotMatched, ItemNotMatched, VendorNotMatched
from qbwc_server.domain.causes.refusals import (
    ChangedInQuickbooks,
    ClosedPeriod,
    InvalidField,
    NotPermitted,
    ReferenceMissing,
    Refused,
    Uncertain,
)
from qbwc_server.domain.causes.requests import RequestUncertain
from qbwc_server.domain.in_quickbooks import menu_of


class WayOn(StrEnum):
    """What whoever has done what the remedy says does next."""

    CHECK_AGAIN = "check_again"
    """QuickBooks' lists are read anew, and all that waits is looked at then."""
    RETRY = "retry"
    """It is sent once more: only QuickBooks can tell whether the cause is gone."""
    DECIDE = "decide"
    """A person chooses; to try again would decide something."""
    BY_ITSELF = "by_itself"
    """Nothing: it goes on by itself once the cause is gone."""


def way_on(cause: Cause) -> WayOn:
    """What is to be pressed once the remedy was followed."""
    if "Resync" in cause.remedy():
        return WayOn.CHECK_AGAIN
    if cause.retry_decides or isinstance(
        cause, DocumentDeleted | AlreadyLinked | RecordDeleted | RequestUncertain
    ):
        return WayOn.DECIDE
    return WayOn.RETRY if cause.retryable and not cause.told_by_a_look else WayOn.BY_ITSELF


# --- one key ------------------------------------------------------------------------------------------------


def title(cause: Cause) -> str:
    """What is wrong, for all that wait behind one key."""
    match cause:
        case ItemNotMatched():
            return _item(cause)
        case ReferenceMissing(what=str()):
            return _reference(cause)
        case InvalidField(setting=str(setting), field=field):
            return f"With the connector's setting {setting}, QuickBooks does not accept the {_plain(field)}."
        case NotPermitted():
            return "QuickBooks does not let the Web Connector write these records."
        case ClosedPeriod():
            return "The date lies in a period that is closed in QuickBooks."
        case NumberConflict():
            other = f"{cause.taken_by or f'another {cause.document}'}{cause.details}"
            return f"The number {cause.number} is used in QuickBooks already by {other}."
        case DocumentDeleted(record=record, vanished=vanished):
            return f"{at_the_start(record)} {'is no longer' if vanished else 'was deleted'} in QuickBooks."
        case LinkRefused(record=record, found=found, document=document):
            what = f"is {_a(found)} in QuickBooks, no {document}" if found else "is not in QuickBooks"
            return f"What {record} was linked to {what if not cause.taken_by else 'is ' + cause.taken_by}."
        case AlreadyLinked(quickbooks_name=str(called), is_document=is_document):
            what = "document" if is_document else "record"
            return f"Another {what} of the order system is “{called}” in QuickBooks already."
        case AlreadyLinked(is_document=is_document):
            what = "document" if is_document else "record"
            return f"What this would be in QuickBooks, another {what} of the order system is already."
        case WrongCompanyFile(seen=seen):
            name = (seen or {}).get("company_name")
            is_open = f"“{name}”" if name else "another company file"
            return f"QuickBooks has {is_open} open, which is not the company file of this connector."
        case _:
            return cause.message()


def _plain(name: str | None) -> str:
    """The name of a field in words."""
    return {"ref_number": "number", "txn_date": "date"}.get(name or "", (name or "value").replace("_", " "))


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"


def _item(cause: ItemNotMatched) -> str:
    match cause.why:
        case "sku_unknown":
            return f"No item in QuickBooks has the {cause.compared} {cause.value}."
        case "name_unknown":
            return f"No item in QuickBooks has the name “{cause.value}”."
        case "id_unknown":
            return f"No item in QuickBooks has the ListID {cause.value}."
        case "not_handed_over":
            return f"The item {cause.value} has not been handed over yet."
        case _:
            return cause.message()


def _reference(cause: ReferenceMissing) -> str:
    what = {"cogs account": "cost of goods sold account"}.get(cause.what or "", cause.what or "")
    if cause.value is None:
        return f"{at_the_start(_a(what))} is needed, and neither the records nor the connector name one."
    if cause.list_name is None:
        return f"{at_the_start(_a(what))} that is named by its TxnID is not in QuickBooks, or cannot be used."
    because = f": {cause.unread}" if cause.unread else ""
    return f"The {what} “{cause.value}” {'are' if what == 'terms' else 'is'} not in QuickBooks{because}."


# --- one cause, many keys -----------------------------------------------------------------------------------

_PARTIES = {
    "email_missing": "{number} {party}s have no email",
    "email_unknown": "{number} {party} emails are missing in QuickBooks",
    "number_missing": "{number} {party}s have no account number",
    "several": "{number} {party}s cannot be told apart in QuickBooks",
    "name_unknown": "{number} {party} names are missing in QuickBooks",
    "id_unknown": "{number} ListIDs of {party}s are unknown to QuickBooks",
    "not_named": "{number} records do not say which {party} they are for",
    "not_handed_over": "{number} {party}s have not been handed over yet",
    "creation_off": "{number} {party}s are missing in QuickBooks, and this connector does not create {party}s",
}
_ITEMS = {
    "sku_missing": "{number} items have no SKU",
    "sku_unknown": "{number} SKUs are missing in QuickBooks",
    "several": "{number} SKUs fit more than one item in QuickBooks",
    "name_unknown": "{number} item names are missing in QuickBooks",
    "id_unknown": "{number} ListIDs of items are unknown to QuickBooks",
    "not_handed_over": "{number} items have not been handed over yet",
    "creation_off": "{number} SKUs are missing in QuickBooks, and this connector does not create items",
}
_OTHERS: dict[str, str] = {
    "number_conflict": "{number} document numbers are used in QuickBooks already",
    "record_inactive": "{number} entries are inactive in QuickBooks",
    "record_deleted": "{number} entries are no longer in QuickBooks",
    "document_deleted": "{number} documents are no longer in QuickBooks",
    "link_refused": "{number} documents were linked to what they are not",
    "name_in_use": "{number} names are used in QuickBooks already",
    "already_linked": "{number} records would be in QuickBooks what another record is already",
    "not_permitted": "QuickBooks does not let the Web Connector write {number} records",
    "refused": "QuickBooks refused {number} records",
    "uncertain": "The answers to {number} records were lost",
    "request_uncertain": "The answers to {number} raw requests were lost",
    "not_accepted": "{number} records were handed over and not accepted",
}


def heading(cause: Cause, number: int) -> str:
    """What is wrong, for all keys of a cause and its finer word.

    Args:
        cause: any one of them; nothing of it is quoted.
        number: how many keys there are, more than one.
    """
    match cause:
        case CustomerNotMatched() | VendorNotMatched():
            words = _PARTIES[cause.why].replace("{party}", cause.party)
        case ItemNotMatched():
            words = _ITEMS[cause.why]
        case ReferenceMissing(what=str(what)):
            words = f"{{number}} {_many(what)} are missing in QuickBooks"
        case ReferenceMissing():
            words = "{number} records name what is missing in QuickBooks"
        case InvalidField(field=field):
            words = f"QuickBooks does not accept the {_plain(field)} of {{number}} records"
        case ChangedInQuickbooks(older=older):
            words = (
                "{number} records are older in QuickBooks than they were"
                if older
                else "{number} records were changed in QuickBooks by a person"
            )
        case _:
            words = _OTHERS.get(cause.name, f"{{number}} times: {cause.name.replace('_', ' ')}")
    return words.format(number=f"{number:,}")


def _many(noun: str) -> str:
    if noun == "terms":
        return noun
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


def remedy(cause: Cause, number: int) -> str:
    """What to do about all keys of a cause, said once.

    Args:
        number: how many keys there are; what is said of one alone may name it.
    """
    if number == 1:
        return cause.remedy()
    match cause:
        case NumberConflict():
            return (
                "Look at each in QuickBooks (Edit > Find): if it is the same order, link the record to it; if not, "
                "give one of the two another number. After a change there, or when one was deleted there, they go on "
                "with the next refresh of the lists, or at once when you retry them."
            )
        case RecordInactive():
            return (
                f"In QuickBooks open {menu_of(cause.list_name)}, show the inactive entries and make these active "
                "again; then press Resync. If that is not wanted, name others in the order system."
            )
        case ReferenceMissing():
            return _remedy_of_references(cause)
        case AlreadyLinked():
            return (
                "Open each: if the two records are the same, cancel one of them; if not, tell them apart in the order "
                "system, or link one of them to its own entry. Both would be one and the same in QuickBooks."
            )
        case Refused():
            return "Open each and read QuickBooks' own sentence; put right what it names, then retry."
        case RequestUncertain():
            return (
                "Open each, look in QuickBooks whether it was carried out, and choose which it is. None is ever sent "
                "again by itself: what was not carried out and is still wanted is handed over anew."
            )
        case Uncertain() | NameInUse() | ChangedInQuickbooks():
            return f"Open each. {cause.remedy()}"
        case _:
            return cause.remedy()


def _remedy_of_references(cause: ReferenceMissing) -> str:
    if cause.what is None or cause.value is None:
        return cause.remedy()
    if cause.list_name is None:
        return (
            "Look for each in QuickBooks (Edit > Find): it must be there, be open, and belong to the same customer. "
            "QuickBooks' own sentence says more. Name the right TxnIDs in the order system and hand the records over "
            "again, or retry once they are put right in QuickBooks."
        )
    menu = menu_of(cause.list_name)
    if cause.unread:
        return (
            "If QuickBooks is to use them, switch the feature on there (Edit > Preferences), enter them "
            f"({menu}) and press Resync. Otherwise leave them away in the order system."
        )
    return (
        f"Create them in QuickBooks ({menu}) and press Resync, or correct the names in the order system or in the "
        "connector's settings."
    )


# --- one key among those of its cause -----------------------------------------------------------------------

_SUBJECTS = {
    "sku": "SKU {}",
    "email": "{}",
    "account_number": "Account number {}",
    "list_id": "ListID {}",
    "number": "Number {}",
}


def subject(cause: Cause) -> str:
    """What one key is about, in a word or two, where a heading says already what is wrong."""
    match cause:
        case RequestUncertain(request_id=number, request=name):
            return f"Request {number}, {name}"
        case NameInUse(full_name=name) | RecordInactive(full_name=name) | RecordDeleted(full_name=name):
            return name
        case AlreadyLinked(record=record):
            return f"{at_the_start(record)}: “{cause.quickbooks_name}”" if cause.quickbooks_name else record
        case DocumentDeleted(record=record) | LinkRefused(record=record):
            return at_the_start(record)
        case ReferenceMissing(what=str(), value=str(value), list_name=str()):
            return f"“{value}”"
        case CustomerNotMatched(value=str(value)) | VendorNotMatched(value=str(value)):
            return value
        case ItemNotMatched(why="name_unknown" | "not_handed_over", value=str(value)):
            return value
    key, _, value = cause.key.partition(":")
    if key == "record":
        return at_the_start(value)
    return _SUBJECTS[key].format(value) if key in _SUBJECTS and value else title(cause)
