"""Who may do what, asked at one place by every door that knows who is in front of it."""

from collections.abc import Collection

from qbwc_server.domain.people import Role, User
from qbwc_server.domain.rights import RIGHTS, Right
from qbwc_server.storage import audit, support_rights
from qbwc_server.sync.core import Core


def of_user(core: Core, user: User) -> frozenset[Right]:
    """What a user may do: an admin everything, support what the admins let it do."""
    return frozenset(Right) if user.role is Role.ADMIN else of_support(core)


def of_support(core: Core) -> frozenset[Right]:
    """What support may do."""
    with core.database.read() as conn:
        return support_rights.allowed(conn)


def decide(core: Core, rights: Collection[Right], *, actor: str) -> None:
    """Let support do this and nothing else, from the next click on; what changes by it is noted."""
    wanted = frozenset(rights)
    with core.database.begin() as conn:
        before = support_rights.allowed(conn)
        support_rights.decide(conn, wanted)
        if changes := _changes(before, wanted):
            what = "what support may do changed"
            audit.add(conn, what, "support", at=core.clock(), actor=actor, detail=changes)


def _changes(before: frozenset[Right], after: frozenset[Right]) -> str:
    moved = [right for right in RIGHTS if (right in before) != (right in after)]
    return ", ".join(f"{RIGHTS[right].label}: {'yes' if right in after else 'no'}" for right in moved)
