"""The Web Connector's methods: their wire names and parameters, and the one guard round all of them.

Nothing here knows SOAP or Spyne. `METHODS` is the table; `Guard.call` runs one row of it against an
`Endpoint` and always comes back with a value the Web Connector understands.

Source of names, order and return values: the Web Connector Programmer's Guide and Intuit's WSDL.
"""

import hashlib
import logging
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from qbwc_server.domain.faults import DatabaseUnavailable

log = logging.getLogger(__name__)

SORRY = "The server had an internal problem and stopped this update. The next update starts afresh."
"""What the Web Connector shows and logs when a call failed on our side."""

NO_DATABASE = (
    "The server's database did not do what it was asked to, which stopped this update: the server's log says why, "
    "perhaps its disk is full. Nothing that was accepted is lost; the next update goes on."
)
"""The same when it was the database: whoever runs the server has to act, and nobody need fear for the records."""


class Endpoint(Protocol):
    """What stands behind the service: one call per Web Connector method.

    Text that the client left out arrives as ``""``. Every method may be called out of order, twice, or
    with a ticket nobody knows, and answers all the same.
    """

    def server_version(self, client_version: str | None) -> str:
        """Our version, shown in the Web Connector's "More information"; the argument is usually absent."""

    def client_version(self, version: str) -> str:
        """``""`` to go on, ``W:text`` to warn, ``E:text`` to refuse, ``O:version`` to ask for another one."""

    def authenticate(self, username: str, password: str, *, address: str) -> tuple[str, ...]:
        """Two to four strings: ticket, ``""``/``none``/``nvu``/``busy``/file path, postpone s, minimum s."""

    def send_request_xml(
        self,
        ticket: str,
        hcp_response: str,
        company_file_name: str,
        country: str,
        major: int | None,
        minor: int | None,
    ) -> str:
        """The next message set as qbXML text, or ``""`` (the Web Connector then calls getLastError)."""

    def receive_response_xml(self, ticket: str, response: str, hresult: str, message: str) -> int:
        """Percent done: 0-99 to go on, 100 to finish, negative to have getLastError asked."""

    def connection_error(self, ticket: str, hresult: str, message: str) -> str:
        """``done`` to stop, or the path of a company file to try next."""

    def get_last_error(self, ticket: str) -> str:
        """A sentence for the user, ``NoOp`` to have the Web Connector wait and ask again."""

    def close_connection(self, ticket: str) -> str:
        """A sentence for the Status column. Never fails, known ticket or not."""

    def get_interactive_url(self, ticket: str, session_id: str) -> str:
        """The address to open in a browser for an interactive session."""

    def interactive_rejected(self, ticket: str, reason: str) -> str:
        """The user did not want the interactive session; the text to show."""

    def interactive_done(self, ticket: str) -> str:
        """``Done`` once the interactive session is over."""

    def save_last_error(self, ticket: str, sentence: str) -> None:
        """Keep `sentence` as the next answer of `get_last_error` for this ticket; ignore unknown tickets."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it came in: wire name to text, ``""`` where absent, and the caller's address.

    `repr` shows neither values nor address: they hold passwords, tickets and the company's data.
    """

    arguments: Mapping[str, str] = field(repr=False)
    address: str = field(default="", repr=False)

    def __getitem__(self, name: str) -> str:
        return self.arguments[name]

    def integer(self, name: str) -> int | None:
        """The argument as an int, None when absent or not a number (a bad version costs no session)."""
        text = self.arguments[name].strip()
        return int(text) if re.fullmatch(r"[+-]?[0-9]{1,9}", text) else None

    @property
    def ticket(self) -> str:
        """The session ticket, whatever the method calls it; ``""`` when the method has none."""
        return self.arguments.get("ticket", self.arguments.get("wcTicket", ""))

    def redact(self, text: str) -> str:
        """`text` with this call's ticket replaced by its fingerprint and its password by asterisks."""
        for secret, stand_in in (
            (self.ticket, f"ticket#{fingerprint(self.ticket)}"),
            (self.arguments.get("strPassword", ""), "***"),
        ):
            if secret:  # whole words only: a client's made-up ticket "t" must not garble the log
                text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", stand_in, text)
        return text


Answer = str | int | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """One row of the table: a method's wire name, its parameters in WSDL order, and what it does.

    `fallback` is the answer when the endpoint failed: the one that ends the session without losing work.
    """

    name: str
    parameters: tuple[str, ...]
    run: Callable[[Endpoint, Call], Answer]
    fallback: Answer


def _authenticate(endpoint: Endpoint, call: Call) -> Answer:
    return endpoint.authenticate(call["strUserName"], call["strPassword"], address=call.address)


def _send_request(endpoint: Endpoint, call: Call) -> Answer:
    return endpoint.send_request_xml(
        call["ticket"],
        call["strHCPResponse"],
        call["strCompanyFileName"],
        call["qbXMLCountry"],
        call.integer("qbXMLMajorVers"),
        call.integer("qbXMLMinorVers"),
    )


_SEND_REQUEST = (
    "ticket",
    "strHCPResponse",
    "strCompanyFileName",
    "qbXMLCountry",
    "qbXMLMajorVers",
    "qbXMLMinorVers",
)

METHODS: tuple[Method, ...] = (
    Method("serverVersion", ("strVersion",), lambda e, c: e.server_version(c["strVersion"] or None), ""),
    Method("clientVersion", ("strVersion",), lambda e, c: e.client_version(c["strVersion"]), ""),
    # "busy" says "try again later"; "nvu" would send the user looking for a wrong password.
    Method("authenticate", ("strUserName", "strPassword"), _authenticate, ("", "busy")),
    # "" makes the Web Connector ask getLastError, which has SORRY, and close.
    Method("sendRequestXML", _SEND_REQUEST, _send_request, ""),
    Method(
        "receiveResponseXML",
        ("ticket", "response", "hresult", "message"),
        lambda e, c: e.receive_response_xml(c["ticket"], c["response"], c["hresult"], c["message"]),
        -1,
    ),
    Method(
        "connectionError",
        ("ticket", "hresult", "message"),
        lambda e, c: e.connection_error(c["ticket"], c["hresult"], c["message"]),
        "done",
    ),
    Method("getLastError", ("ticket",), lambda e, c: e.get_last_error(c["ticket"]), SORRY),
    Method("closeConnection", ("ticket",), lambda e, c: e.close_connection(c["ticket"]), "OK"),
    Method(
        "getInteractiveURL",
        ("wcTicket", "sessionID"),
        lambda e, c: e.get_interactive_url(c["wcTicket"], c["sessionID"]),
        "",
    ),
    Method(
        "interactiveRejected",
        ("wcTicket", "reason"),
        lambda e, c: e.interactive_rejected(c["wcTicket"], c["reason"]),
        SORRY,
    ),
    Method("interactiveDone", ("wcTicket",), lambda e, c: e.interactive_done(c["wcTicket"]), "Done"),
    Method("getServerVersion", ("ticket",), lambda e, c: e.server_version(None), ""),
)
"""In the order of Intuit's WSDL; those that only the guide has (interactive, getServerVersion) last."""


def fingerprint(ticket: str) -> str:
    """Eight hex digits that stand for a ticket in logs: enough to follow a session, too little to use it."""
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).hexdigest()[:8]


_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry, not even as a character reference."""


def wire_text(text: str) -> str:
    """`text` without the characters XML 1.0 cannot carry; one of them would empty the whole envelope."""
    return _NOT_XML.sub("", text)


def wire_answer(method: Method, answer: object) -> Answer:
    """The endpoint's answer, checked to be of the type the method sends.

    Raises:
        TypeError: the endpoint answered with something else (None above all): on the wire that would be a
            missing element, which the Web Connector reads as null or as "0 percent, ask again".
    """
    if isinstance(method.fallback, tuple):
        return _wire_strings(method, answer)
    if isinstance(method.fallback, int):
        return _wire_percent(method, answer)
    if not isinstance(answer, str):
        raise TypeError(f"{method.name} answers a string, not {type(answer).__name__}")
    return wire_text(answer)


def _wire_strings(method: Method, answer: object) -> tuple[str, ...]:
    if not isinstance(answer, tuple) or not 2 <= len(answer) <= 4:
        raise TypeError(f"{method.name} answers two to four strings, not {type(answer).__name__}")
    if not all(isinstance(part, str) for part in answer):
        raise TypeError(f"{method.name} answers strings only, numbers too ('60', not 60)")
    return tuple(wire_text(part) for part in answer)


def _wire_percent(method: Method, answer: object) -> int:
    if not isinstance(answer, int) or isinstance(answer, bool):
        raise TypeError(f"{method.name} answers a whole number, not {type(answer).__name__}")
    # Over 100 is undocumented, and beyond 32 bits is an exception inside the client.
    return max(-(2**31), min(answer, 100))


class Guard:
    """Runs a method so that nothing unexpected reaches the Web Connector and nothing secret the log."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def call(self, method: Method, values: Sequence[str | None], address: str) -> Answer:
        """Run `method` with its parameter values in table order; None means the client left it out."""
        texts = ("" if value is None else value for value in values)
        call = Call(dict(zip(method.parameters, texts, strict=True)), address)
        try:
            return wire_answer(method, method.run(self._endpoint, call))
        except Exception as error:  # the one place: whatever it is, the client gets its documented answer
            self._report(method, call, error)
            return _sentence(error) if method.fallback is SORRY else method.fallback

    def _report(self, method: Method, call: Call, error: Exception) -> None:
        log.error("%s failed for ticket#%s: %s", method.name, fingerprint(call.ticket), _trace(call, error))
        if not call.ticket:
            return
        try:
            self._endpoint.save_last_error(call.ticket, _sentence(error))
        except Exception as second:  # so the database is down, and getLastError will say so itself
            log.error("its sentence could not be saved: %s", _trace(call, second))


def _sentence(error: Exception) -> str:
    return NO_DATABASE if isinstance(error, DatabaseUnavailable) else SORRY


def _trace(call: Call, error: Exception) -> str:
    # Database errors quote their parameters, and those hold tickets.
    return call.redact("".join(traceback.format_exception(error)))
