"""What a choice is: one way out of an error record, offered as data; and a row of the table of ways."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from qbwc_server.domain.causes import Actor, Candidate, Cause
from qbwc_server.domain.decisions import Decision
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import fold
from qbwc_server.domain.people import Scope


class Action(StrEnum):
    """What is done when a choice is answered, in a word."""

    LINK = "link"
    """What could not be told is this entry or document of QuickBooks."""
    CREATE = "create"
    """It is none that QuickBooks has: it is created there."""
    POST_AS_NEW = "post_as_new"
    """The document was deleted in QuickBooks and is posted once more."""
    OVERWRITE = "overwrite"
    """What the order system wants is written over what a person entered in QuickBooks."""
    KEEP = "keep"
    """What stands in QuickBooks is left, and what the order system wanted is dropped."""
    RETRY = "retry"
    """It is tried again, as its cause is gone."""
    CARRIED_OUT = "carried_out"
    """Somebody saw in QuickBooks that a raw request was carried out."""
    NOT_CARRIED_OUT = "not_carried_out"
    """Somebody saw that it was not."""
    RESYNC = "resync"
    """QuickBooks' lists are read anew at the next visit, and all that waits is looked at then."""
    UNLINK = "unlink"
    """It is forgotten what the record is in QuickBooks: it is matched anew."""
    UNLINK_OTHER = "unlink_other"
    """The same of the other record that has what this one would be."""
    CONFIRM = "confirm"
    """The company file that was found open is the right one."""
    SET_DEFAULT = "set_default"
    """The connector's default is set, for all that name none."""
    DISMISS = "dismiss"
    """It is let be: what waits is cancelled, and nothing in QuickBooks is touched."""
    HAND_OVER = "hand_over"
    """The order system hands over what is named and was not handed over yet."""
    HAND_OVER_AGAIN = "hand_over_again"
    """The order system hands the record over again, with other values."""
    CHANGE_SETTING = "change_setting"
    """A setting of the connector is changed."""
    NEW_PASSWORD = "new_password"  # noqa: S105 - the name of an action
    """The Web Connector is given the right password."""
    ENABLE_WEBHOOK = "enable_webhook"
    """The receiver of a webhook is put in order, and the webhook is enabled again."""


DONE_ELSEWHERE = frozenset(
    {
        Action.HAND_OVER,
        Action.HAND_OVER_AGAIN,
        Action.CHANGE_SETTING,
        Action.NEW_PASSWORD,
        Action.ENABLE_WEBHOOK,
    }
)
"""What cannot be answered: it is done by what the choice says, and the error record goes away by itself."""


FOR_GOOD = frozenset(
    {Action.LINK, Action.CREATE, Action.UNLINK, Action.UNLINK_OTHER, Action.CONFIRM, Action.SET_DEFAULT}
)
"""What is remembered for good: what things are in QuickBooks, and settings."""


@dataclass(frozen=True, slots=True)
class Need:
    """A value that has to be given with an answer.

    Attributes:
        name: ``list_id``, ``txn_id``, ``full_name`` or ``company``.
        look_up: the list of QuickBooks it is picked from, if it is.
    """

    name: str
    description: str
    look_up: ListName | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """An error record as it stands with what it is about, as far as its choices depend on that.

    Attributes:
        record: what is held up, as ``invoice SO-1``; None: the connector as a whole, or what was never stored.
        about: the record that is to blame, as ``customer c-9``; `kind` and `external_id` its own.
        list_name: the list in which it would be an entry what could not be told; None where no entry is in question.
        is_own: the record itself could not be told, not something that it names.
        is_linked: the record that is to blame is something in QuickBooks already.
        is_void: it is to be voided there.
        is_name_free: nothing in QuickBooks has the name by which it would be created.
        together: how many are held up for the same cause behind the same key.
        candidates: what may be meant and is nobody else's.
        may: what may be decided of the record that is to blame, as it stands.
    """

    cause: Cause
    record: str | None = None
    about: str = ""
    kind: Kind | None = None
    external_id: str = ""
    list_name: ListName | None = None
    is_own: bool = False
    is_linked: bool = False
    is_void: bool = False
    is_name_free: bool = True
    together: int = 1
    candidates: tuple[Candidate, ...] = ()
    may: frozenset[Decision] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """One way out of an error record.

    Attributes:
        id: what it is answered by; it says the same as long as nothing has changed.
        label: what a button would say; `consequence` what becomes of everything then.
        actor: who decides it.
        candidate: the entry or document it names.
        needs: a value that is to be given with the answer.
        fields: the fields that are to be handed over with other values, as JSON pointers.
        record: kind and external id of the record that is to be handed over, or that is decided about.
        setting: the connector's setting that is to be changed.
    """

    id: str
    action: Action
    label: str
    consequence: str
    actor: Actor
    candidate: Candidate | None = None
    needs: Need | None = None
    fields: tuple[str, ...] = ()
    record: tuple[Kind, str] | None = None
    setting: str | None = None

    @property
    def is_answerable(self) -> bool:
        """Whether an answer carries it out; else it is done by other means."""
        return self.action not in DONE_ELSEWHERE

    @property
    def scope(self) -> Scope:
        """The scope that an API key must have to answer it."""
        return Scope.MANAGE if self.action in FOR_GOOD else Scope.WRITE


Condition = Callable[[Situation], bool]
Fields = Callable[[Situation], tuple[str, ...]]
Target = Callable[[Situation], tuple[Kind, str] | None]


def always(situation: Situation) -> bool:
    """The condition of what is always offered."""
    return True


def no_fields(situation: Situation) -> tuple[str, ...]:
    """No field in particular."""
    return ()


def nobody(situation: Situation) -> None:
    """Nothing at all."""
    return


@dataclass(frozen=True, slots=True)
class Way:
    """A row of the table: what is offered of a cause, and when.

    Attributes:
        label: with names in braces that `words` knows; so `consequence`.
        when: whether it is offered.
        each: a choice for each candidate.
        suffix: tells it from the other choices of its action.
        fields: those that are to be handed over with other values.
        target: kind and external id of the record it is about, where that is not the one to blame.
    """

    action: Action
    label: str
    consequence: str
    actor: Actor = Actor.STAFF
    when: Condition = always
    each: bool = False
    suffix: str = ""
    needs: Callable[[Situation], Need | None] = nobody
    fields: Fields = no_fields
    target: Target = nobody
    setting: Callable[[Situation], str | None] = nobody

    @property
    def id(self) -> str:
        """The id of its choice; where there is one for each candidate, that of those begins with it."""
        return f"{self.action}_{self.suffix}" if self.suffix else self.action.value


def words(situation: Situation, candidate: Candidate | None) -> Mapping[str, str]:
    """What the sentences of a row may name."""
    number = situation.together
    kind = situation.kind.label if situation.kind is not None and situation.kind.is_document else "record"
    return {
        "record": situation.record or "",
        "about": situation.about,
        "entry": situation.list_name.entry_label if situation.list_name is not None else kind,
        "named": named(situation),
        "candidate": candidate.name if candidate is not None else "",
        "number": f"{number:,}",
        "waiting": f"all {number:,} that wait go on" if number > 1 else "what waits goes on",
        "holder": getattr(situation.cause, "holder", None) or "the other record",
        "what": getattr(situation.cause, "what", None) or "",
        "setting": getattr(situation.cause, "setting", None) or "",
        "file": _file(situation.cause),
    }


def _file(cause: Cause) -> str:
    seen = getattr(cause, "seen", None) or {}
    return str(seen.get("company_name") or seen.get("path") or "the other file")


_KEYS = {
    "email": "the email {}",
    "account_number": "the account number {}",
    "sku": "the SKU {}",
    "list_id": "the ListID {}",
}


def named(situation: Situation) -> str:
    """What references name that could not be told, in words: ``the email a@b.example``."""
    key, _, folded = situation.cause.key.partition(":")
    value = _as_written(situation.cause, folded)
    if key in _KEYS:
        return _KEYS[key].format(value)
    if key.endswith("_name"):
        return f"the name “{value}”"
    return f"{key.replace('_', ' ')} {value}" if value else key


def _as_written(cause: Cause, folded: str) -> str:
    """What a key was made of, as the host or QuickBooks wrote it; the key's own spelling where the cause keeps none."""
    written = (getattr(cause, name, None) for name in ("value", "full_name"))
    return next((text for text in written if text and fold(text) == fold(folded)), folded)


def quoted(label: str) -> str:
    """The label of a choice within a sentence; what is quoted in it stands in single quotes then."""
    return f"“{label.translate(_WITHIN_QUOTES)}”"


_WITHIN_QUOTES = str.maketrans("“”", "\u2018\u2019")
