"""How a connector stands: what it does now, what waits, how far a Resync has come."""
