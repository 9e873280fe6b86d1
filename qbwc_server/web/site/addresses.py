"""Parts of an address: a connector, the kind of a record, an external id with whatever characters it has."""

from urllib.parse import quote, unquote

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

from qbwc_server.web.addresses import ConnectorConverter, KindConverter, ListConverter

_FRAGILE_STEPS = frozenset({"", ".", ".."})


class ExternalIdConverter(BaseConverter):
    """The rest of an address: slashes and all.

    Browsers and proxies undo one quoting and then drop empty steps, `.` and `..` from a path. An external id
    that has such steps is therefore quoted twice; `%` is always, so that the second quoting is told apart.
    """

    part_isolating = False
    regex = ".+"

    def to_python(self, value: str) -> str:
        """The external id in an address."""
        external_id = unquote(value)
        if "\0" in external_id:
            raise ValidationError
        return external_id

    def to_url(self, value: str) -> str:
        """The external id as the end of an address."""
        inner = value.replace("%", "%25")
        if _FRAGILE_STEPS.intersection(value.split("/")):
            inner = inner.replace("/", "%2F").replace(".", "%2E")
        return quote(inner, safe="/")


def install(app: Flask) -> None:
    """Make the converters known to `app` as `connector`, `kind`, `list` and `external_id`."""
    app.url_map.converters["connector"] = ConnectorConverter
    app.url_map.converters["kind"] = KindConverter
    app.url_map.converters["list"] = ListConverter
    app.url_map.converters["external_id"] = ExternalIdConverter
