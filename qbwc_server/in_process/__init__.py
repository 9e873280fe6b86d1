"""The door for a host in Python: records handed over and looked at without HTTP, within the host's own transaction."""

from .connector import Connector
from .record import RecordView

__all__ = ["Connector", "RecordView"]
