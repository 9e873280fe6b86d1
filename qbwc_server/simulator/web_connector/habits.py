"""What the person at the Web Connector has set, and what its window would ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """What the person at the Web Connector has set, and what its window would ask.

    Attributes:
        auto_run: Auto-Run is ticked; only then do the server's postponement and minimum interval count.
        accept_warning: the answer to the dialog that a ``W:`` from clientVersion opens.
        open_interactive: the answer to "open a browser?"; gets the URL. False rejects.
        app_lock: take and respect the AppLock in the company file.
        connection_retries: how often a path from connectionError is tried before giving up.
        noop_limit: how many ``NoOp`` are sat through in one session before the person cancels the update.
    """

    auto_run: bool = True
    accept_warning: Callable[[str], bool] = lambda text: True
    open_interactive: Callable[[str], bool] = lambda url: False
    app_lock: bool = True
    connection_retries: int = 3
    noop_limit: int = 120
