"""What hosts see of records and error records, and the base of every such shape."""
