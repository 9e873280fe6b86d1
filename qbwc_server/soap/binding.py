"""Binds the table of methods to Spyne; every setting of Spyne that the Web Connector depends on is here."""

import math
import sys
from collections.abc import Callable
from typing import Any

from qbwc_server.soap import spyne_import
from qbwc_server.soap.incoming import EnvelopeError, read_envelope
from qbwc_server.soap.service import METHODS, Guard, Method

spyne_import.prepare()

from spyne import Application, Array, Fault, Integer32, Unicode, const, rpc  # noqa: E402  (prepare() comes first)
from spyne.protocol.soap import Soap11  # noqa: E402
from spyne.server.wsgi import WsgiApplication  # noqa: E402
from spyne.service import ServiceBase  # noqa: E402

NAMESPACE = "http://developer.intuit.com/"
"""Intuit's namespace; the slash at the end is part of it."""

_BLOCK = 64 * 1024

# Spyne would have all garbage of the process collected behind a call, once a second: 50 to 100 ms, many times what an
# idle poll takes. It does so for files it may hold; a request's body is closed by whoever took it in.
const.MIN_GC_INTERVAL = math.inf


class _EnvelopeIn(Soap11):
    """SOAP 1.1 as it comes in: parsed by `read_envelope`, refused in our own words."""

    def create_in_document(self, ctx: Any, charset: str | None = None) -> None:
        """Parse the body; no element is looked up by XML id, hence the empty mapping."""
        try:
            ctx.in_document = (read_envelope(ctx.in_string, charset), {})
        except EnvelopeError as error:
            raise Fault("Client", str(error)) from None

    def decompose_incoming_envelope(self, ctx: Any, message: Any = Soap11.REQUEST) -> None:
        """Find the method's element; Spyne itself takes an empty body for a programming error."""
        envelope, _ = ctx.in_document
        body = envelope.find(f"{{{self.ns_soap_env}}}Body")
        if envelope.tag != f"{{{self.ns_soap_env}}}Envelope" or body is None or len(body) == 0:
            raise Fault("Client", "the request is not a SOAP 1.1 envelope with a body")
        if body[0].tag not in self._method_tags:
            raise Fault("Client", "the Web Connector service has no such method")
        super().decompose_incoming_envelope(ctx, message)

    def deserialize(self, ctx: Any, message: Any) -> None:
        """Read the arguments, then empty the tree: a QuickBooks response need not be in memory twice.

        Spyne's contexts refer to each other and to the tree, and live until the garbage collector comes by.
        """
        super().deserialize(ctx, message)
        ctx.in_body_doc.clear()

    _method_tags = frozenset(f"{{{NAMESPACE}}}{method.name}" for method in METHODS)


def spyne_application(guard: Guard) -> Callable[..., Any]:
    """A WSGI application that answers SOAP posts by `guard`."""
    service = type("QBWebConnectorSvc", (ServiceBase,), {m.name: _bound(m, guard) for m in METHODS})
    application = Application(
        [service],
        tns=NAMESPACE,
        name="QBWebConnectorSvc",
        # No validator: it turns parameters in another order into faults.
        in_protocol=_EnvelopeIn(),
        out_protocol=Soap11(),
    )
    # Spyne's own limit is 2 MiB, less than one page of invoices; the body has been measured before.
    server: Callable[..., Any] = WsgiApplication(
        application, max_content_length=sys.maxsize, block_length=_BLOCK
    )
    return server


def _bound(method: Method, guard: Guard) -> Any:
    def run(ctx: Any, *values: str | None) -> Any:
        ctx.in_object = None  # for the same reason that the tree is emptied
        return guard.call(method, values, ctx.transport.req_env.get("REMOTE_ADDR", ""))

    run.__name__ = method.name
    # Every parameter is text, the version numbers too: a bad number is then ours to forgive.
    parameters = [Unicode] * len(method.parameters)
    return rpc(*parameters, _returns=_wire_type(method), _args=list(method.parameters))(run)


def _wire_type(method: Method) -> Any:
    if isinstance(method.fallback, tuple):
        # Exactly this: a customised Unicode inside, or max_occurs on Unicode, renames the members on the
        # wire, and .NET reads an empty array without a word.
        return Array(Unicode)
    return Integer32 if isinstance(method.fallback, int) else Unicode
