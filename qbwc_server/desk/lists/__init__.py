"""QuickBooks' lists as they are known here, and what people look for in them and everywhere else."""
