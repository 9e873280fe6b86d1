"""What things are: connectors, records, sessions, causes, matching. Pure values and decisions, no input or output."""
