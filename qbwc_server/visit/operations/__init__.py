"""One room an operation: how QuickBooks is asked, how its answer is read, what a refusal means."""
