"""What is kept with a request to read its answer by: for each kind of request one purpose.

A purpose is stored with its request and read again with the answer, perhaps by a later version of this server: the
keys of its JSON stay what they are, and a key that is new has a value for rows that lack it.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Literal, NamedTuple, Self

from qbwc_server.domain.kinds import Kind, ListName


@dataclass(frozen=True, slots=True)
class Purpose:
    """What is needed to read the answer to a request."""

    def waiting(self) -> tuple[int, ...]:
        """The queued records that wait for the answer."""
        return ()

    def attempts(self) -> tuple[str, ...]:
        """The requestIDs of the writes whose outcome depends on the answer."""
        return ()

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Self:
        """As it was stored."""
        return cls(**{each.name: each.value(data[each.key]) for each in _FIELDS[cls] if each.key in data})

    def json(self) -> dict[str, Any]:
        """As it is stored: JSON values, without what is as in a row that lacks it."""
        return {
            each.key: _plain(value)
            for each in _FIELDS[type(self)]
            if (value := getattr(self, each.name)) != each.default or each.default is MISSING
        }


class _Kept(NamedTuple):
    """How a field is kept.

    Attributes:
        key: its name, unless that would say nothing.
        reading: how it is read from its JSON; None: it is what it is.
    """

    name: str
    key: str
    default: Any
    reading: Callable[[Any], Any] | None

    def value(self, stored: Any) -> Any:
        return stored if self.reading is None or stored is None else self.reading(stored)


class _Fields(dict[type[Purpose], list[_Kept]]):
    """How the fields of each class are kept, worked out when it is first needed."""

    def __missing__(self, cls: type[Purpose]) -> list[_Kept]:
        found = self[cls] = [
            _Kept(each.name, str(each.metadata.get("key", each.name)), each.default, _READING.get(each.name))
            for each in fields(cls)
        ]
        return found


_FIELDS = _Fields()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): each for key, each in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _by_record(value: Mapping[str, str]) -> dict[int, str]:
    return {int(record_id): each for record_id, each in value.items()}


_READING: Mapping[str, Any] = {
    "kind": Kind,
    "list_name": ListName,
    "ids": _by_record,
    "numbers": _by_record,
    "sent": _by_record,
    "clear": tuple,
    "warnings": tuple,
}
"""How the fields of these names are read from their JSON; the others are what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing(Purpose):
    """A record is written.

    Attributes:
        content: what QuickBooks is told, in the host's words; None of one of a former version that did not keep it.
        clear: the fields it empties.
        held: what QuickBooks will hold of the content, where it cannot hold all of it.
        warnings: what it cannot be told.
    """

    content: Mapping[str, Any] | None = None
    clear: tuple[str, ...] = ()
    held: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def told(self) -> Mapping[str, Any] | None:
        """What QuickBooks holds of the host's content once it is carried out."""
        return self.held or self.content


@dataclass(frozen=True, slots=True, kw_only=True)
class Adding(Writing):
    """A record is created. What it is recognised by if the answer is lost is kept with it.

    Attributes:
        tagged: it carries our ExternalGUID.
        number, party, date, total: of a document: its number, its customer's or vendor's ListID, its date and what
            its lines come to; None for what is left to QuickBooks.
        name: of a list record: its FullName.
    """

    tagged: bool = False
    number: str | None = None
    party: str | None = None
    date: str | None = None
    total: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing(Writing):
    """A record that QuickBooks holds is changed or voided.

    Attributes:
        id: its ListID or TxnID.
        edit_sequence: the one the change set out from: whoever finds another one knows that something was changed.
    """

    id: str
    edit_sequence: str | None


@dataclass(frozen=True, slots=True)
class Reading(Purpose):
    """How do these records stand in QuickBooks now? By the record's id its ListID or TxnID."""

    ids: Mapping[int, str]

    def waiting(self) -> tuple[int, ...]:
        """The records that are to be changed."""
        return tuple(self.ids)


@dataclass(frozen=True, slots=True)
class Claiming(Purpose):
    """Are these what a person said they are? By the record's id the TxnID; `kind` is what was asked for."""

    kind: Kind
    ids: Mapping[int, str]

    def waiting(self) -> tuple[int, ...]:
        """The records that were linked by hand."""
        return tuple(self.ids)


@dataclass(frozen=True, slots=True)
class Numbering(Purpose):
    """Are these numbers free? By the record's id the number."""

    kind: Kind
    numbers: Mapping[int, str]

    def waiting(self) -> tuple[int, ...]:
        """The documents that are to have these numbers."""
        return tuple(self.numbers)


@dataclass(frozen=True, slots=True)
class LookingForLost(Purpose):
    """Does QuickBooks hold what these wrote? By the requestID the name, the number or the id that is asked for; None
    for a document that QuickBooks was to number."""

    kind: Kind
    names: Mapping[str, str | None]

    def attempts(self) -> tuple[str, ...]:
        """The writes whose answers were lost."""
        return tuple(self.names)


@dataclass(frozen=True, slots=True)
class Searching(Purpose):
    """Did these create their records after all? By the record's id the requestID."""

    kind: Kind
    sent: Mapping[int, str] = field(metadata={"key": "attempts"})

    def waiting(self) -> tuple[int, ...]:
        """The records that are searched for."""
        return tuple(self.sent)


@dataclass(frozen=True, slots=True)
class Verifying(Purpose):
    """Are these still in QuickBooks as they were? By the record's id its ListID or TxnID.

    Attributes:
        again: it goes on from an earlier one.
        last: it is the last one of its message set.
    """

    kind: Kind
    ids: Mapping[int, str]
    again: bool
    last: bool

    def waiting(self) -> tuple[int, ...]:
        """None of them waits for it, but one that was queued since is not sent before it is known."""
        return tuple(self.ids)


@dataclass(frozen=True, slots=True)
class LoadingList(Purpose):
    """A page of a list: of its full load of that number, or of a load of changes since."""

    list_name: ListName = field(metadata={"key": "list"})
    load: int
    running: Literal["full", "changes"] = field(metadata={"key": "kind"})


@dataclass(frozen=True, slots=True)
class ListDeletions(Purpose):
    """What was deleted from a list."""

    list_name: ListName = field(metadata={"key": "list"})


@dataclass(frozen=True, slots=True)
class DocumentDeletions(Purpose):
    """Which documents of a kind were deleted."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Passing(Purpose):
    """Somebody else has written it: the row in which its answer is kept."""

    raw_id: int


@dataclass(frozen=True, slots=True)
class Greeting(Purpose):
    """Nothing depends on the answer."""
