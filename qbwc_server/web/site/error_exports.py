"""Errors as CSV: of one group, or of all that is open; written while it is read."""

from collections.abc import Iterator

from flask import Blueprint, Response, request, stream_with_context

from qbwc_server.desk.error_records import error_exports
from qbwc_server.desk.error_records.error_groups import Member
from qbwc_server.domain.errors import Narrowed
from qbwc_server.domain.spreadsheet_cells import BOM, row
from qbwc_server.web.context import core
from qbwc_server.web.site.error_messages import address_of_error
from qbwc_server.web.site.presentation import ACTOR_NAMES, words

pages = Blueprint("error_exports", __name__)

_HEAD = (
    "Kind",
    "Number",
    "Customer or vendor",
    "Date",
    "Amount",
    "Id in the order system",
    "Cause",
    "What happened",
    "What to do",
    "Who must act",
    "Since (UTC)",
    "QuickBooks code",
    "QuickBooks said",
    "Page",
)


@pages.get("/connectors/<connector:name>/errors.csv")
def download(name: str) -> Response:
    """The open errors of a connector: all, those of a cause (`cause`), behind a key (`key`), or of `who` must act."""
    given = request.args
    narrowed = Narrowed(
        cause=given.get("cause") or None,
        sub_reason=given.get("why") or None,
        cause_key=given.get("key") or None,
        actor=given.get("who") or None,
    )
    found = error_exports.every(core(), name, narrowed)
    file = f"errors-{name}.csv".encode("ascii", "ignore").decode()
    return Response(
        stream_with_context(_lines(name, found)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file}"'},
    )


def _lines(name: str, found: Iterator[Member]) -> Iterator[str]:
    yield BOM + row(_HEAD)
    for member in found:
        yield row(_cells(name, member))


def _cells(name: str, member: Member) -> tuple[str, ...]:
    error, record = member.error, member.record
    said = error.quickbooks
    return (
        words(error.kind.label) if error.kind is not None else "",
        (record.number or "") if record is not None else "",
        (record.party or "") if record is not None else "",
        record.date.isoformat() if record is not None and record.date is not None else "",
        f"{record.amount:.2f}" if record is not None and record.amount is not None else "",
        error.external_id or "",
        words(error.cause),
        error.message,
        error.remedy,
        ACTOR_NAMES[error.actor],
        f"{error.opened_at:%Y-%m-%d %H:%M}",
        said.code if said is not None else "",
        (said.message or "") if said is not None else "",
        address_of_error(name, error.id),
    )
