"""Tells whoever waits in this process that something has happened, so that nobody has to look for it all the time."""

import threading

BELL = threading.Event()
"""Rung when an event is written, a moment before it is committed: whoever waits looks a little later."""
