"""The database: the only package that knows SQLAlchemy. Rows become frozen values here and nowhere else.

Every function takes an open connection (one transaction) first; nothing commits by itself.
"""
