"""What is handed over again just as it stands: told at once, without holding up anybody else or waiting for them."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from qbwc_server.desk.handing_over.lines import Said
from qbwc_server.desk.views.record_views import view_of
from qbwc_server.domain import external_ids
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.order import ANYTHING, Expected
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import Transaction, records
from qbwc_server.sync.core import Core


def can_be_told(core: Core) -> bool:
    """Whether what is committed is what there is: a host's own transaction may have more in it."""
    return core.database.ends_transactions


def told(core: Core, connector_name: str, said: Said, expected: Expected) -> dict[str, Any] | None:
    """A record as `view` shows it, where it certainly says already all that is said; else None."""
    if expected != ANYTHING or not can_be_told(core):
        return None
    with core.database.glance() as conn:
        found = as_they_stand(conn, connector_name, [said])
        return next((view_of(conn, record, open_errors=()) for record in found.values()), None)


def as_they_stand(
    conn: Transaction, connector_name: str, said: Collection[Said]
) -> dict[tuple[Kind, str], Record]:
    """Those records that say already all that is said of them now, so that there is nothing to be done or checked.

    Only what is certain: of one that is said twice, that is in trouble or waits for others, or whose text differs be
    it only in its form, nothing is told.
    """
    often = Counter((each.kind, each.external_id) for each in said)
    names: dict[Kind, list[str]] = {}
    for (kind, external_id), count in often.items():
        if count == 1 and not any(external_ids.faults_of(external_id)):
            names.setdefault(kind, []).append(external_id)
    return dict(_same(records.undisturbed(conn, connector_name, names), said)) if names else {}


def _same(
    found: Mapping[tuple[Kind, str], Record], said: Collection[Said]
) -> Iterator[tuple[tuple[Kind, str], Record]]:
    for each in said:
        record = found.get((each.kind, each.external_id))
        if record is not None and _says(record, each.fields, each.priority):
            yield (each.kind, each.external_id), record


def _says(record: Record, fields: Mapping[str, Any], priority: int | None) -> bool:
    if record.state is State.CANCELLED or priority not in (None, record.priority):
        return False
    content = {name: value for name, value in fields.items() if name != "version"}
    version = fields.get("version")
    if version is not None and (type(version) is not int or version != record.version):
        return False
    # Python takes True for 1
    return content == record.content and _written(content) == _written(record.content)


def _written(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, default=str)
