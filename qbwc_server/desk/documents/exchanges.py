"""What was said between this server and QuickBooks, as XML a person can read: of one record, or a whole set."""

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from qbwc_server.domain.faults import NotFound
from qbwc_server.storage import sessions
from qbwc_server.storage.sessions import Document, Exchange
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look
from qbxml import ReadError
from qbxml.guard import Cleaned


@dataclass(frozen=True, slots=True)
class Conversation:
    """One request of a record and its answer, cut out of the message set they travelled in.

    Attributes:
        request, response: indented XML; None once it was removed, or where there is none.
    """

    exchange: Exchange
    request: str | None
    response: str | None


@dataclass(frozen=True, slots=True)
class WholeSet:
    """A whole message set and its answer, indented; the same rules as for `Conversation`."""

    document: Document
    request: str | None
    response: str | None


def cut_out(found: Iterable[Exchange]) -> list[Conversation]:
    """What was asked and answered in these exchanges of a record. Nothing of another record is in it."""
    return [
        Conversation(item, cut(item.text, item.request_id), cut(item.response, item.request_id))
        for item in found
    ]


def whole(core: Core, connector_name: str, set_id: int) -> WholeSet:
    """A message set with all that travelled in it.

    Raises:
        NotFound: there is no such connector, or it has no such message set.
    """
    with look(core, connector_name) as (conn, connector):
        found = sessions.document(conn, connector.id, set_id)
    if found is None:
        raise NotFound(f"the connector {connector_name} has no message set {set_id}")
    return WholeSet(found, _indented(root_of(found.set.text)), _indented(root_of(found.response)))


def texts(core: Core, connector_name: str, set_id: int) -> tuple[str | None, str | None]:
    """A message set as it was sent and its answer as it came; "" or None once they have been removed.

    Raises:
        NotFound: there is no such connector, or it has no such message set.
    """
    with look(core, connector_name) as (conn, connector):
        found = sessions.document(conn, connector.id, set_id)
    if found is None:
        raise NotFound(f"the connector {connector_name} has no message set {set_id}")
    return found.set.text, found.response


def cut(text: str | None, request_id: str) -> str | None:
    """The element with this requestID, indented; None when the text is gone, broken or has no such element."""
    root = root_of(text)
    if root is None:
        return None
    return _indented(next((item for item in root.iter() if item.get("requestID") == request_id), None))


def root_of(text: str | None) -> etree._Element | None:
    """A message set as elements; None when the text is gone or broken."""
    """What a text that was sent or answered is; None when it is gone or broken."""
    if not text:
        return None
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_blank_text=True,
    )
    try:
        # whatever encoding it declares was undone when it became text
        for chunk in Cleaned(text.encode(errors="replace"), encoding="utf-8"):
            parser.feed(chunk)
        return parser.close()
    except (ReadError, etree.XMLSyntaxError):
        return None


def _indented(element: etree._Element | None) -> str | None:
    if element is None:
        return None
    etree.indent(element, space="  ")
    return etree.tostring(element, encoding="unicode", with_tail=False)
