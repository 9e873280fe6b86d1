"""The simulated QuickBooks: one company file, what is in it, its request processor, and the person who works in it."""
