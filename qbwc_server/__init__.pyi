from qbwc_server.domain.faults import Conflict as Conflict
from qbwc_server.domain.faults import DatabaseUnavailable as DatabaseUnavailable
from qbwc_server.domain.faults import InvalidInput as InvalidInput
from qbwc_server.domain.faults import NotFound as NotFound
from qbwc_server.domain.faults import SchemaMismatch as SchemaMismatch
from qbwc_server.in_process import Connector as Connector

__version__: str
