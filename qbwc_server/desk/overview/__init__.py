"""How connectors are doing: health, last visit, queue, age of the list cache, and what stands in the way."""

from .looking import all_health, brief, health, some_health
from .shapes import Brief, Finding, Health, ListAge, Mood, Overview, SessionInfo, Summary

__all__ = [
    "Brief",
    "Finding",
    "Health",
    "ListAge",
    "Mood",
    "Overview",
    "SessionInfo",
    "Summary",
    "all_health",
    "brief",
    "health",
    "some_health",
]
