"""A QuickBooks Desktop Web Connector server."""

__version__ = "0.1.0"
