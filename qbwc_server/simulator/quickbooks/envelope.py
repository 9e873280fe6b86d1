"""The outside of an answer: ``QBXMLMsgsRs``, one ``*Rs`` a request, statuses, and the text QuickBooks
sends."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from qbwc_server.simulator.errors import StatusError, severity_of

OK_MESSAGE = "Status OK"


def response(request: etree._Element, refusal: StatusError | None = None) -> etree._Element:
    """The empty ``*Rs`` for a request: requestID echoed, status set (0, or that of ``refusal``)."""
    answer = etree.Element(request.tag[: -len("Rq")] + "Rs")
    if request.get("requestID") is not None:
        answer.set("requestID", request.get("requestID", ""))
    set_status(answer, refusal.code if refusal else 0, refusal.message if refusal else OK_MESSAGE)
    return answer


def set_status(answer: etree._Element, code: int, message: str) -> None:
    """statusCode, statusSeverity and statusMessage of one ``*Rs``."""
    answer.set("statusCode", str(code))
    answer.set("statusSeverity", severity_of(code))
    answer.set("statusMessage", message)


def message_set(
    answers: Iterable[etree._Element], *, set_id: str | None = None, code: int | None = None
) -> str:
    """The whole answer document as text.

    QuickBooks' answers carry no ``qbxml`` instruction and no encoding (seen in captures).

    Args:
        answers: the ``*Rs`` elements, in the order of the requests.
        set_id: newMessageSetID to echo.
        code: messageSetStatusCode, only where message-set ids are used.
    """
    root = etree.Element("QBXML")
    body = etree.SubElement(root, "QBXMLMsgsRs")
    if set_id is not None:
        body.set("newMessageSetID", set_id)
    if code is not None:
        body.set("messageSetStatusCode", str(code))
    for answer in answers:
        answer.tail = "\n"
        body.append(answer)
    root.text = body.text = body.tail = "\n"
    text: str = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" ?>\n{text}\n'
