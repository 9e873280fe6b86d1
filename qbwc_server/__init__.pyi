from .domain.faults import Conflict as Conflict
from .domain.faults import DatabaseUnavailable as DatabaseUnavailable
from .domain.faults import InvalidInput as InvalidInput
from .domain.faults import NotFound as NotFound
from .domain.faults import SchemaMismatch as SchemaMismatch
from .in_process import Connector as Connector

__version__: str
