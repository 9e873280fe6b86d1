"""The database: the only package that knows SQLAlchemy. Rows become frozen values here and nowhere else.

Every function takes an open transaction first; nothing commits by itself.
"""

from sqlalchemy import Connection

Transaction = Connection
"""An open transaction, for whoever passes it on."""

__all__ = ["Transaction"]
