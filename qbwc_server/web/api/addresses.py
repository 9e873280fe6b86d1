"""Parts of an address: a kind, an external id with whatever characters it has, the id of an error record."""

from urllib.parse import unquote_to_bytes

from flask import Flask, request
from werkzeug.routing import BaseConverter, ValidationError

from qbwc_server.domain.kinds import Kind
from qbwc_server.web.site.addresses import ConnectorConverter, KindConverter

from .failures import Refusal

LARGEST_ID = 2**31 - 1
"""The largest number a row can have (PostgreSQL's integer)."""


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
    """The rest of an address, slashes and all. Percent-encoding is undone once, as everywhere in an address."""

    part_isolating = False
    regex = r"[\s\S]+"


class RowConverter(BaseConverter):
    """The id of a row."""

    regex = "[1-9][0-9]{0,9}"

    def to_python(self, value: str) -> int:
        """The number, which must be one a row can have."""
        if int(value) > LARGEST_ID:
            raise ValidationError
        return int(value)


def install(app: Flask) -> None:
    """Make the converters known to `app`, and refuse addresses that are not UTF-8."""
    app.url_map.converters["connector"] = ConnectorConverter
    app.url_map.converters["kind"] = PreciseKindConverter
    app.url_map.converters["kind_or_word"] = KindOrWordConverter
    app.url_map.converters["external_id"] = ExternalIdConverter
    app.url_map.converters["row"] = RowConverter
    app.before_request(_refuse_other_encodings)


def _refuse_other_encodings() -> None:
    """Werkzeug would put U+FFFD in place of what it cannot read, and two ids would become one."""
    path: str = request.environ.get("PATH_INFO", "")
    try:
        # WSGI hands bytes over as latin-1 text
        path.encode("latin-1").decode("utf-8")
        unquote_to_bytes(request.query_string).decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(400, "the address is not UTF-8") from None
