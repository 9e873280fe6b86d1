"""A visit of the Web Connector: all that happens inside the calls of one session."""
