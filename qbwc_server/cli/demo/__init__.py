"""The demonstration: the whole product at work on a wholesaler's records, with a simulated QuickBooks."""
