"""A small order system: it packs orders, hands invoices over, hears what became of them, and lets its user decide."""
