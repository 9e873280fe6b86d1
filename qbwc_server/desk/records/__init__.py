"""Records as people look through them: lists of them, and all that the page of one shows."""
