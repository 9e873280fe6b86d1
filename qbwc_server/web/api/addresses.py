"""Parts of an address: a kind, an external id with whatever characters it has, the id of an error record.

An address is taken apart before percent-encoding is undone, so that a slash within an external id (``%2F``) is told
from one that ends it. WSGI undoes it beforehand; what was really sent stands beside it in most servers, under a
name that no standard gives. Behind one that tells it nowhere a slash in the place of an external id belongs to it.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes, urlsplit

from flask import Flask, request
from werkzeug.routing import BaseConverter

from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.external_ids import RESERVED
from qbwc_server.domain.kinds import Kind
from qbwc_server.web.addresses import ConnectorConverter, KindConverter
from qbwc_server.web.api.failures import Refusal

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_SENT = ("REQUEST_URI", "RAW_URI")
"""Where servers keep the address as it was sent."""


class PreciseKindConverter(KindConverter):
    """`purchase-orders`, and no other word: `errors` in its place is another address, not a wrong method."""

    regex = "|".join(kind.plural for kind in Kind)


class KindOrWordConverter(KindConverter):
    """A kind by its name in addresses or by its own: `purchase-orders` or `purchase_order`."""

    regex = "|".join(word for kind in Kind for word in (kind.plural, kind))

    def to_python(self, value: str) -> Kind:
        """The kind named in an address."""
        return Kind(value) if value in set(Kind) else super().to_python(value)


class ExternalIdConverter(BaseConverter):
    """One step of an address, whose slashes `by_steps` has kept apart."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """The external id."""
        return value.replace("%2F", "/").replace("%25", "%")

    def to_url(self, value: str) -> str:
        """The external id as a step of an address."""
        return quote(value, safe="")


def _up_to(largest: int) -> str:
    """Numbers from 1 to this one, as a pattern."""
    digits = str(largest)
    ways = [f"[1-9][0-9]{{0,{len(digits) - 2}}}"]
    for place, digit in enumerate(digits):
        lower = range(0 if place else 1, int(digit))
        if lower:
            rest = len(digits) - place - 1
            ways.append(f"{digits[:place]}[{lower[0]}-{lower[-1]}][0-9]{{{rest}}}")
    return "|".join([*ways, digits])


class RowConverter(BaseConverter):
    """The id of a row. A number that none can have is another address, and not a wrong method."""

    regex = _up_to(LARGEST_ID)

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


def install(app: Flask) -> None:
    """Make the converters known to `app`, take addresses apart step by step, refuse those that are not UTF-8."""
    app.url_map.converters["connector"] = ConnectorConverter
    app.url_map.converters["kind"] = PreciseKindConverter
    app.url_map.converters["kind_or_word"] = KindOrWordConverter
    app.url_map.converters["external_id"] = ExternalIdConverter
    app.url_map.converters["row"] = RowConverter
    app.before_request(_refuse_other_encodings)
    app.wsgi_app = by_steps(app.wsgi_app)  # type: ignore[method-assign, assignment]  # Flask's documented place for middleware


def _refuse_other_encodings() -> None:
    """Werkzeug would put U+FFFD in place of what it cannot read, and two ids would become one."""
    path: str = request.environ.get("PATH_INFO", "")
    try:
        # WSGI hands bytes over as latin-1 text
        path.encode("latin-1").decode("utf-8")
        unquote_to_bytes(request.query_string).decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(400, "the address is not UTF-8") from None


# --- steps --------------------------------------------------------------------------------------------------


def by_steps(application: "WSGIApplication") -> "WSGIApplication":
    """Give `application` addresses in which only slashes between steps are slashes; one within a step is ``%2F``
    there, and ``%`` is ``%25``."""

    def adapted(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        steps = _steps_sent(environ, path) or _steps_meant(path)
        environ["PATH_INFO"] = "/".join(step.replace("%", "%25").replace("/", "%2F") for step in steps)
        return application(environ, start_response)

    return adapted


def _steps_sent(environ: "WSGIEnvironment", path: str) -> list[str] | None:
    """The steps of the address that was sent, less those in front that belong to where this is mounted."""
    sent = next((environ[name] for name in _SENT if environ.get(name)), None)
    if sent is None:
        return None
    try:
        steps = [_decoded(step) for step in urlsplit(sent).path.split("/")]
    except ValueError:
        return None
    for first in range(1, len(steps)):
        if "/" + "/".join(steps[first:]) == path:
            return ["", *steps[first:]]
    return None


def _decoded(step: str) -> str:
    """As WSGI has it: bytes as latin-1 text."""
    return unquote_to_bytes(step.encode("latin-1")).decode("latin-1")


_RECORD = re.compile(
    rf"(?s)(/v[0-9]+/connectors/[^/]+/(?:{'|'.join(kind.plural for kind in Kind)}|links/[^/]+))"
    rf"/(?P<id>[^/].*?)(?P<deed>/(?:{'|'.join(RESERVED)}))?"
)


def _steps_meant(path: str) -> list[str]:
    """The steps of an address of which nobody knows how it was sent. An id has no slash at its end."""
    found = _RECORD.fullmatch(path)
    if found is None or found["id"].endswith("/"):
        return path.split("/")
    deed = [found["deed"][1:]] if found["deed"] else []
    return [*found[1].split("/"), found["id"], *deed]
