"""How a host hears what became of its records: the feed, waiting for it, and webhooks."""
