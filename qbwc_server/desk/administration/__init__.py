"""Connectors: there or gone, set, onboarded, removed."""
