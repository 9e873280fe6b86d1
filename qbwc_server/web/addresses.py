"""Parts of an address that pages and API have in common: a connector, the kind of a record."""

from werkzeug.routing import BaseConverter, ValidationError

from qbwc_server.domain.connectors import NAME_PATTERN
from qbwc_server.domain.kinds import Kind, ListName

_LISTS = {name.label.replace(" ", "-"): name for name in ListName}
_BY_PLURAL = {kind.plural: kind for kind in Kind}


class ConnectorConverter(BaseConverter):
    """The name of a connector; anything no connector can be called is not found."""

    regex = NAME_PATTERN.pattern


class KindConverter(BaseConverter):
    """`purchase-orders` ↔ `Kind.PURCHASE_ORDER`."""

    def to_python(self, value: str) -> Kind:
        """The kind named in an address."""
        try:
            return _BY_PLURAL[value]
        except KeyError:
            raise ValidationError from None

    def to_url(self, value: Kind) -> str:
        """The name of a kind in an address."""
        return value.plural


class ListConverter(BaseConverter):
    """`ship-methods` ↔ `ListName.SHIP_METHOD`."""

    def to_python(self, value: str) -> ListName:
        """The list named in an address."""
        try:
            return _LISTS[value]
        except KeyError:
            raise ValidationError from None

    def to_url(self, value: ListName) -> str:
        """The name of a list in an address."""
        return value.label.replace(" ", "-")
