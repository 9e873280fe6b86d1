"""How connectors are doing: health, last visit, queue, age of the list cache, and what stands in the way."""

from .looking import all_health, health, health_page
from .pages import page
from .shapes import Finding, Health, ListAge, Mood, Overview, Place, SessionInfo, Summary
from .words import in_all

__all__ = [
    "Finding",
    "Health",
    "ListAge",
    "Mood",
    "Overview",
    "Place",
    "SessionInfo",
    "Summary",
    "all_health",
    "health",
    "health_page",
    "in_all",
    "page",
]
