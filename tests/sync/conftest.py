"""The worlds of the steps."""

from tests.worlds.step_fixtures import databases, make_world, world

__all__ = ["databases", "make_world", "world"]
