"""Open error records with their records as people know them, for a file: read a part at a time, however many."""

from collections.abc import Iterator

from qbwc_server.desk.error_records.error_groups import Member, members_of
from qbwc_server.domain.errors import EVERY, Narrowed
from qbwc_server.storage import connectors
from qbwc_server.storage import errors as rows
from qbwc_server.sync.core import Core

AT_ONCE = 200


def every(core: Core, connector_name: str, narrowed: Narrowed = EVERY) -> Iterator[Member]:
    """The open error records of a connector, oldest first; a part is one snapshot.

    Raises:
        NotFound: there is no such connector; at once, before anything is given.
    """
    with core.database.read() as conn:
        connector_id = connectors.by_name(conn, connector_name).id
    return _parts(core, connector_id, narrowed)


def _parts(core: Core, connector_id: int, narrowed: Narrowed) -> Iterator[Member]:
    after_id, is_more = 0, True
    while is_more:
        with core.database.read() as conn:
            found = rows.page(
                conn, connector_id, is_open=True, narrowed=narrowed, after_id=after_id, limit=AT_ONCE
            )
            # keys that are spelled otherwise are other groups
            ours = [each for each in found if narrowed.cause_key in (None, each.cause_key)]
            part = members_of(conn, ours)
        yield from part
        after_id, is_more = (found[-1].id, len(found) == AT_ONCE) if found else (0, False)
