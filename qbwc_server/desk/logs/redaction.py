"""What is masked and how: the fields of qbXML and of the order system by their names, and sentences word by word."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any

from lxml import etree

from qbwc_server.desk.documents.exchanges import root_of
from qbwc_server.domain.masking import Mask
from qbxml import datatypes as dt
from qbxml import failure_text, status_text
from qbxml.queries import QUERIES
from qbxml.record import Record
from qbxml.records import KINDS, RETS


class How(Enum):
    """What becomes of the value of a field."""

    STAYS = 0
    AMOUNT = 1
    ID = 2
    TEXT = 3
    SENTENCE = 4


_STAY = frozenset(
    [
        "EditSequence",
        "IncludeRetElement",
        "MajorVersion",
        "MinorVersion",
        "SupportedQBXMLVersion",
        "ProductName",
    ]
)
_IDS = frozenset({"requestID", "newMessageSetID", "oldMessageSetID", "messageSetID", "iteratorID"})
_SENTENCES = frozenset({"statusMessage"})


def _types() -> Iterator[tuple[str, str, How]]:
    """Every field of the language: its name in Python, its element, and how it is masked."""
    seen: set[type[Record]] = set()
    ahead: list[type[Record]] = [*KINDS.values(), *RETS.values(), *QUERIES.values()]
    while ahead:
        model = ahead.pop()
        if model in seen:
            continue
        seen.add(model)
        for name, spec in model.table.fields.items():
            ahead += [block.model for block in spec.blocks]
            for tag in spec.tags:
                if tag and spec.type is not None:
                    yield name, tag, How.STAYS if tag in _STAY else _how(spec.type)


def _how(kind: dt.DataType) -> How:
    if isinstance(kind, dt.Id | dt.Guid):
        return How.ID
    if isinstance(kind, dt.Quantity | dt.Percent):
        return How.STAYS
    if isinstance(kind, dt.Amount | dt.Price):
        return How.AMOUNT
    return How.TEXT if isinstance(kind, dt.Text) else How.STAYS


@cache
def _elements() -> Mapping[str, How]:
    """How the elements are masked; of what is several things, as the one that tells most."""
    found: dict[str, How] = {}
    for _, tag, how in _types():
        found[tag] = max(how, found.get(tag, How.STAYS), key=lambda each: each.value)
    return found


def how_of(element: str) -> How:
    """How an element of the language is masked; text where no table has it."""
    return _elements().get(element, How.TEXT)


def _all(how: How, names: str) -> dict[str, How]:
    return dict.fromkeys(names.split(), how)


_HOST: Mapping[str, How] = {
    **_all(
        How.STAYS,
        "type txn_date ship_date due_date quantity time_zone quiet_hours quiet_days default_item_type",
    ),
    **_all(How.STAYS, "match_customers_by match_vendors_by match_items_by edit_sequence"),
    **_all(
        How.AMOUNT,
        "rate price cost amount expected_total expected_tax total subtotal tax balance credit_limit",
    ),
    **_all(How.ID, "list_id txn_id txn_line_id quickbooks_id external_guid guid"),
}
"""Fields of the order system and of the settings, which the language does not have or means otherwise."""


@cache
def _fields() -> Mapping[str, How]:
    found: dict[str, How] = {}
    for name, _, how in _types():
        found[name] = max(how, found.get(name, How.STAYS), key=lambda each: each.value)
    return {**found, **_HOST}


_OWN_WORDS = """
a about accept accepted access account accounts active add added after again all already also amount an and
another any api application are argument as asked at attempt available away balance be because been before
belongs between both but by call can cannot cause changed character characters check class closed code come
company confirmed connected connection connector contains could created credit customer customers data date
default delete deleted described description details did different discount does done due each edit element
email empty end ended error exceeds exist exists expected failed field file finish finished for format found
from full given greater had has have here hold host id if in inactive incorrect internal into invalid invoice
is it item items its itself job journal key last length less like line lines linked list locked long lost made
make match maximum memo message method missing modified month more name named names needs new no non not
nothing number object of off on once one only open opened or order other out over parameter parent parse part
payment period permission person place please post posted preferences price problem process processed purchase
quantity query quickbooks rate read receipt received record records reference refers refused request requested
required reset response sales same save saved say says see sent sequence server session set setup ship should
since so some specified staff state status stopped such support tax template terms text than that the their
them then there therefore they this time times to too took total transaction tried type unable under unit
unknown unrecognized up update use used user using valid value vendor vendors version visit void waiting was
we web went were what when where which while who why will with within without word wrong xml you your zero
"""


@cache
def sentence_words() -> frozenset[str]:
    """The words in which QuickBooks and this server speak; whatever else stands in a sentence is somebody's."""
    texts = [_OWN_WORDS, *_strings(vars(status_text)), *_strings(vars(failure_text))]
    return frozenset(word.casefold() for text in texts for word in re.findall(r"[^\W\d_]+", text))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if not str(name).startswith("__"):
                yield from _strings(item)
    elif isinstance(value, tuple | list | frozenset):
        for item in value:
            yield from _strings(item)


_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?", re.ASCII)


class Redactor:
    """Goes through values twice: once to learn what is to be masked, once to mask it."""

    def __init__(self) -> None:
        self._mask = Mask()
        self._learning = False

    def all(self, document: Any) -> Any:
        """A JSON document with everything masked that is not the language's or this server's own."""
        self._learning = True
        self._json(document, How.TEXT)
        self._learning = False
        return self._json(document, How.TEXT)

    def _value(self, text: str, how: How) -> str:
        if how is How.STAYS or not text:
            return text
        if self._learning:
            if how in (How.TEXT, How.SENTENCE, How.AMOUNT):
                self._mask.learn(text, but=sentence_words() if how is How.SENTENCE else frozenset())
            return text
        if how is How.AMOUNT:
            return self._mask.amount(text)
        if how is How.ID:
            return self._mask.identifier(text)
        return self._mask.text(text) if how is How.TEXT else self._mask.sentence(text, sentence_words())

    # --- JSON -------------------------------------------------------------------------------------------------

    def _json(self, value: Any, how: How) -> Any:
        if isinstance(value, Xml):
            return self._xml(value)
        if isinstance(value, Said):
            return self._value(str(value), value.how)
        if isinstance(value, str):
            return self._value(value, how)
        if isinstance(value, Mapping):
            return {name: self._json(item, _fields().get(name, How.TEXT)) for name, item in value.items()}
        if isinstance(value, Sequence):
            return [self._json(item, how) for item in value]
        return value

    # --- XML --------------------------------------------------------------------------------------------------

    def _xml(self, text: "Xml") -> str | None:
        root = root_of(text)
        if root is None:
            return None
        for element in root.iter():
            if not isinstance(element.tag, str):
                continue
            for name, value in element.attrib.items():
                how = How.ID if name in _IDS else How.SENTENCE if name in _SENTENCES else How.STAYS
                element.set(str(name), self._value(str(value), how))
            if len(element) == 0 and element.text:
                element.text = self._value(element.text, self._how_of(element))
        etree.indent(root, space=" ")
        prolog = f'<?xml version="1.0" encoding="utf-8"?>{_version(text)}'
        return prolog + etree.tostring(root, encoding="unicode")

    def _how_of(self, element: etree._Element) -> How:
        known = _elements().get(str(element.tag))
        if known is not None:
            return known
        # one that no table has: only what can tell nothing stays
        text = (element.text or "").strip()
        return How.STAYS if text in ("true", "false") or _MOMENT.fullmatch(text) else How.TEXT


def _version(text: str) -> str:
    found = re.search(r"<\?qbxml [^?]*\?>", text)
    return found[0] if found else ""


class Xml(str):
    """A message set, or its answer."""

    __slots__ = ()


class Said(str):
    """A value that is masked in another way than the name of its field says."""

    how: How

    def __new__(cls, text: str, how: How) -> "Said":
        """A text to be masked so."""
        made = super().__new__(cls, text)
        made.how = how
        return made


def as_text(document: Any) -> str:
    """A bundle as it is written to a file."""
    return json.dumps(document, ensure_ascii=False, indent=1)
