"""The desk: what hosts and staff may ask, and what they may decide."""
