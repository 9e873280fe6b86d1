"""Links, many at once: each line says what a record is in QuickBooks, and is answered by one line."""

from collections.abc import Iterator
from typing import Any

from qbwc_server.desk.deciding import bulk_links
from qbwc_server.desk.deciding.bulk_links import Outcome
from qbwc_server.desk.deciding.link_lines import WAYS, Line
from qbwc_server.domain.faults import DatabaseUnavailable, InvalidInput
from qbwc_server.web.api.bodies import LARGEST_OBJECT, NotJson, parse
from qbwc_server.web.api.serving import Call, Lines

_FIELDS = ("kind", "external_id", *WAYS)


def batch(call: Call, connector: str) -> Lines:
    """Link the records that the lines name; a faulty line holds up no other."""
    dry_run = call.query.get("dry_run", False)
    lines = (_read(number, line) for number, line in enumerate(call.lines, start=1) if line.strip())
    # the connector is looked for at once: the answer's status cannot change any more then
    outcomes = bulk_links.link_all(call.core, connector, lines, actor=call.actor, dry_run=dry_run)
    return Lines(_answers(outcomes))


def _answers(outcomes: Iterator[Outcome]) -> Iterator[dict[str, Any]]:
    try:
        for outcome in outcomes:
            yield {
                "line": outcome.line,
                "kind": outcome.kind,
                "external_id": outcome.external_id,
                "result": outcome.result,
                "quickbooks_id": outcome.quickbooks_id,
                "full_name": outcome.full_name,
                "reason": outcome.reason,
            }
    except DatabaseUnavailable:
        nothing = dict.fromkeys(("line", "kind", "external_id", "quickbooks_id", "full_name"))
        reason = "the database does not answer: send the lines without an answer again"
        yield {**nothing, "result": "failed", "reason": reason}


def _read(number: int, data: bytes) -> Line:
    if len(data) > LARGEST_OBJECT:
        return Line(number, {}, f"a line may have {LARGEST_OBJECT} bytes")
    try:
        fields = parse(data)
    except NotJson as error:
        return Line(number, {}, str(error))
    except InvalidInput as error:
        return Line(number, {}, str(error.faults[0]))
    given = {name: value for name, value in fields.items() if value is not None}
    strange = sorted(given.keys() - set(_FIELDS))
    cells = {name: value.strip() for name, value in given.items() if isinstance(value, str)}
    if strange:
        return Line(number, cells, f"there is no such field: {', '.join(strange)}")
    if len(cells) < len(given):
        return Line(
            number, cells, f"every value must be text: {', '.join(sorted(given.keys() - cells.keys()))}"
        )
    return Line(number, cells)
