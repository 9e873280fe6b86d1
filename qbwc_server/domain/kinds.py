"""The kinds of record a host hands over, and the lists of QuickBooks that are cached to match them."""

from enum import StrEnum


class Kind(StrEnum):
    """What a record is; what QuickBooks calls it is a row of `in_quickbooks`."""

    CUSTOMER = "customer"
    VENDOR = "vendor"
    ITEM = "item"
    INVOICE = "invoice"
    PURCHASE_ORDER = "purchase_order"

    @property
    def is_document(self) -> bool:
        """True for transactions (they have a TxnID), False for list records (they have a ListID)."""
        return self in (Kind.INVOICE, Kind.PURCHASE_ORDER)

    @property
    def plural(self) -> str:
        """The word in addresses and headings: ``purchase-orders``."""
        return self.value.replace("_", "-") + "s"

    @property
    def label(self) -> str:
        """The word in a sentence: ``purchase order``."""
        return self.value.replace("_", " ")

    @property
    def id_name(self) -> str:
        """What QuickBooks calls the identity of such a record: ``txn_id`` or ``list_id``."""
        return "txn_id" if self.is_document else "list_id"


class ListName(StrEnum):
    """A list of the company file that is kept in the list cache."""

    CUSTOMER = "customer"
    VENDOR = "vendor"
    ITEM = "item"
    ACCOUNT = "account"
    TERMS = "terms"
    CLASS = "class"
    SALES_TAX_CODE = "sales_tax_code"
    SHIP_METHOD = "ship_method"
    EMPLOYEE = "employee"
    OTHER_NAME = "other_name"
    TEMPLATE = "template"
    """The forms documents are printed with; the type of one is that of its documents (``Invoice``)."""
    SALES_REP = "sales_rep"
    """Known by their initials."""
    CUSTOMER_MSG = "customer_msg"
    PAYMENT_METHOD = "payment_method"
    PRICE_LEVEL = "price_level"
    UNIT_OF_MEASURE_SET = "unit_of_measure_set"
    INVENTORY_SITE = "inventory_site"
    """Sites, and the bins inside them."""
    CURRENCY = "currency"
    CUSTOMER_TYPE = "customer_type"
    VENDOR_TYPE = "vendor_type"
    JOB_TYPE = "job_type"

    @property
    def label(self) -> str:
        """The list's name in a sentence: ``customers``, ``ship methods``."""
        plurals = {ListName.TERMS: "terms", ListName.CLASS: "classes", ListName.CURRENCY: "currencies"}
        return plurals.get(self, self.entry_label + "s")

    @property
    def step(self) -> str:
        """The list's name in addresses and calls: ``customers``, ``ship-methods``."""
        return self.label.replace(" ", "-")

    @property
    def entry_label(self) -> str:
        """One of its entries in a sentence: ``customer``, ``ship method``."""
        return "customer message" if self is ListName.CUSTOMER_MSG else self.value.replace("_", " ")

    @property
    def is_on_demand(self) -> bool:
        """True for the lists that are asked for only once a record refers to them: most companies use none."""
        return self in _ON_DEMAND

    @property
    def sharing(self) -> "tuple[ListName, ...]":
        """The lists that must not have the same name twice among them, this one included."""
        people = (ListName.CUSTOMER, ListName.VENDOR, ListName.EMPLOYEE, ListName.OTHER_NAME)
        return people if self in people else (self,)

    @property
    def is_matched(self) -> bool:
        """True for the lists the host's records are matched against, which must be loaded before any is sent."""
        return self in (ListName.CUSTOMER, ListName.VENDOR, ListName.ITEM)


MATCHED = tuple(list_name for list_name in ListName if list_name.is_matched)
"""The lists that must have been loaded once before anything can be matched."""

_ON_DEMAND = frozenset(
    {
        ListName.SALES_REP,
        ListName.CUSTOMER_MSG,
        ListName.PAYMENT_METHOD,
        ListName.PRICE_LEVEL,
        ListName.UNIT_OF_MEASURE_SET,
        ListName.INVENTORY_SITE,
        ListName.CURRENCY,
        ListName.CUSTOMER_TYPE,
        ListName.VENDOR_TYPE,
        ListName.JOB_TYPE,
    }
)
