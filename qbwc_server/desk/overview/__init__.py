"""How connectors are doing: health, last visit, queue, age of the list cache, and what stands in the way."""

from qbwc_server.desk.overview.looking import all_health, health, health_page
from qbwc_server.desk.overview.pages import page
from qbwc_server.desk.overview.shapes import (
    Finding,
    Health,
    ListAge,
    Mood,
    Overview,
    Place,
    SessionInfo,
    Summary,
)
from qbwc_server.desk.overview.words import in_all

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
