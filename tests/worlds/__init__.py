"""What tests stand in: a server and its database, QuickBooks, those around them, and what may go wrong."""
