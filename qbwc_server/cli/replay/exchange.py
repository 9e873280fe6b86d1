"""The requests of a bundle put to the simulated QuickBooks in their order, and its answers beside the bundle's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from qbwc_server.cli.replay.bundle import Bundle
from qbwc_server.desk.documents.exchanges import root_of
from qbwc_server.desk.logs.redaction import How, how_of
from qbwc_server.simulator import CompanyFile, RequestProcessorError

_IDS = ("ListID", "TxnID", "TxnLineID")
_OF_MOMENTS = frozenset({"EditSequence", "TimeCreated", "TimeModified", "TxnNumber"})
_OF_LISTS = frozenset({"list_page", "list_deleted", "txn_deleted", "verify", "greeting"})
"""Answers to these are about all that was in the real company file, most of which is in no bundle."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was answered to a request."""

    status: int | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with both answers.

    Attributes:
        record: whose it is, as the bundle calls it: ``invoice XK-73``.
        differences: in words; none: both said the same.
        compared: whether the two can be compared at all.
    """

    message_set: int
    request_id: str
    operation: str
    record: str | None
    bundle: Said
    simulated: Said
    differences: tuple[str, ...] = ()
    compared: bool = True


@dataclass(slots=True)
class _Known:
    """What the bundle's ids are called in the simulated file, and the EditSequences of both."""

    ids: dict[str, str] = field(default_factory=dict)
    sequences: dict[str, str] = field(default_factory=dict)
    ours: dict[str, str] = field(default_factory=dict)


def exchanges(bundle: Bundle, company: CompanyFile) -> Iterator[Exchange]:
    """Put every message set whose text is there; one that was refused as a whole is put, too."""
    known = _Known()
    for item in bundle["message_sets"]:
        root = root_of(item.get("request_xml"))
        if root is None:
            continue
        _translate(root, known)
        head = str(item["request_xml"]).partition("<QBXML")[0]
        text = head + etree.tostring(root, encoding="unicode")
        sent = _responses(root)
        theirs = _responses(root_of(item.get("answer_xml")))
        try:
            ours = _responses(root_of(company.process(text)))
        except RequestProcessorError as error:
            yield from _refused(item, error)
            continue
        for request in item.get("requests", ()):
            yield _compared(item, request, sent, theirs, ours)
        _learn(theirs, ours, known)


def _responses(root: etree._Element | None) -> dict[str, etree._Element]:
    if root is None:
        return {}
    return {
        str(each.get("requestID")): each
        for messages in root
        for each in messages
        if isinstance(each.tag, str)
    }


def _refused(item: Mapping[str, Any], error: RequestProcessorError) -> Iterator[Exchange]:
    """The set as a whole was refused now: before too?"""
    same = item.get("hresult") == error.hresult
    before = item.get("hresult") or "answered"
    differences = () if same else (f"the whole message set: {before} in the bundle, {error.hresult} now",)
    for request in item.get("requests", ()):
        yield _exchange(item, request, Said(None, f"{error.hresult} {error}"), differences)


def _exchange(
    item: Mapping[str, Any], request: Mapping[str, Any], simulated: Said, differences: tuple[str, ...]
) -> Exchange:
    operation = str(request.get("operation"))
    record = request.get("record")
    return Exchange(
        int(item["id"]),
        str(request["request_id"]),
        operation,
        f"{record['kind']} {record['external_id']}" if record else None,
        Said(request.get("status"), request.get("message")),
        simulated,
        differences if operation not in _OF_LISTS else (),
        compared=operation not in _OF_LISTS and (request.get("status") is not None or bool(differences)),
    )


def _compared(
    item: Mapping[str, Any],
    request: Mapping[str, Any],
    sent: Mapping[str, etree._Element],
    theirs: Mapping[str, etree._Element],
    ours: Mapping[str, etree._Element],
) -> Exchange:
    name = str(request["request_id"])
    answer = ours.get(name)
    if answer is None:
        return _exchange(item, request, Said(None, None), ())
    simulated = Said(int(answer.get("statusCode", "0")), answer.get("statusMessage"))
    before = request.get("status")
    differences: list[str] = []
    if before is not None and before != simulated.status:
        differences.append(f"status {before} in the bundle, {simulated.status} now")
    elif name in theirs and len(theirs[name]) != len(answer):
        differences.append(f"{len(theirs[name])} found in the bundle, {len(answer)} now")
    elif name in theirs and name in sent:
        differences += _values(sent[name], theirs[name], answer)
    return _exchange(item, request, simulated, tuple(differences))


def _values(sent: etree._Element, theirs: etree._Element, ours: etree._Element) -> Iterator[str]:
    """Fields of the request that came back with different values. What QuickBooks fills in by itself is that company
    file's own; ids and moments differ always, and masked amounts add up to nothing."""
    present = dict(_leaves(ours))
    asked = {str(element.tag) for element in sent.iter()}
    for path, value in _leaves(theirs):
        above, tag = (step.partition("[")[0] for step in f"/{path}".rsplit("/", 2)[-2:])
        if tag not in asked and above not in asked:
            continue
        if tag in _OF_MOMENTS or how_of(tag) in (How.ID, How.AMOUNT):
            continue
        if path in present and present[path] != value:
            yield f"{path}: {value!r} in the bundle, {present[path]!r} now"


def _leaves(element: etree._Element, above: str = "") -> Iterator[tuple[str, str]]:
    seen: dict[str, int] = {}
    for child in element:
        if not isinstance(child.tag, str):
            continue
        seen[child.tag] = seen.get(child.tag, 0) + 1
        number = f"[{seen[child.tag]}]" if seen[child.tag] > 1 else ""
        path = f"{above}/{child.tag}{number}" if above else f"{child.tag}{number}"
        if len(child):
            yield from _leaves(child, path)
        elif child.text:
            yield path, child.text


def _translate(root: etree._Element, known: _Known) -> None:
    """Have a request speak of what the simulated file holds; a stale EditSequence stays a stale one."""
    for element in root.iter(*_IDS):
        original = element.text or ""
        element.text = known.ids.get(original, original)
        sequence = element.getnext()
        if sequence is None or sequence.tag != "EditSequence" or original not in known.ours:
            continue
        if sequence.text == known.sequences.get(original):
            sequence.text = known.ours[original]


def _learn(theirs: Mapping[str, etree._Element], ours: Mapping[str, etree._Element], known: _Known) -> None:
    for name, answer in theirs.items():
        if name not in ours:
            continue
        for tag in _IDS:
            pairs = zip(answer.iter(tag), ours[name].iter(tag), strict=False)
            known.ids.update({one.text: other.text for one, other in pairs if one.text and other.text})
        for one, other in zip(answer, ours[name], strict=False):
            original = one.findtext("TxnID") or one.findtext("ListID")
            if original:
                known.sequences[original] = one.findtext("EditSequence") or ""
                known.ours[original] = other.findtext("EditSequence") or ""
