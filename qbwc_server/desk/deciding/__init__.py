"""What only a person may decide: what a record is in QuickBooks, what an error record gets for an answer."""
