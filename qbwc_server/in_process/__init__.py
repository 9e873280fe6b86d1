"""The door for a host in Python: records handed over and looked at without HTTP, within the host's own transaction."""

from qbwc_server.in_process.connector import Connector
from qbwc_server.in_process.record import RecordView

__all__ = ["Connector", "RecordView"]
