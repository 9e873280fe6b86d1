"""The steps: taking records in, a session's calls, what goes next, reading answers, recovery, and release."""
