"""Who may come in: people, keys of order systems, and how often somebody may try."""
