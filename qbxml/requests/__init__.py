"""The requests we can send, as frozen values that become one `*Rq` element each.

Every request has `request_id` (at most 50 characters, the only safe correlation), `name` (`CustomerAddRq`),
`writes` and `to_element`. Building raises InvalidRecord with all faults; it never yields XML that
QuickBooks could not parse.
"""

from qbxml.requests.base import REQUEST_ID_LIMIT, Built, Request
from qbxml.requests.by_id import ListDel, TxnDel, TxnVoid
from qbxml.requests.data_ext import DataExtAdd, DataExtDel, DataExtMod
from qbxml.requests.query import Query, ret_elements
from qbxml.requests.raw import Raw
from qbxml.requests.writes import Add, Mod, supports

__all__ = [
    "REQUEST_ID_LIMIT",
    "Add",
    "Built",
    "DataExtAdd",
    "DataExtDel",
    "DataExtMod",
    "ListDel",
    "Mod",
    "Query",
    "Raw",
    "Request",
    "TxnDel",
    "TxnVoid",
    "ret_elements",
    "supports",
]
