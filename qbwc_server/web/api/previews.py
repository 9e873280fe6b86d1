"""What would become of records that are not handed over yet."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from qbwc_server.desk.handing_over import previews
from qbwc_server.desk.handing_over.lines import HandedOver
from qbwc_server.desk.handing_over.preview_showing import Showing
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.kinds import Kind
from qbwc_server.web.api import records
from qbwc_server.web.api.serving import Call, Lines


def preview(call: Call, connector: str) -> Lines:
    """Tell what would become of one record or some, and store nothing.

    Raises:
        InvalidInput: they are too many.
    """
    handed = list(islice(_handed(call), previews.MOST + 1))
    if len(handed) > previews.MOST:
        raise InvalidInput([Fault("", previews.TOO_MANY)])
    views = [
        view.as_json()
        for scene, part in previews.previewed(call.core, connector, handed)
        for view in Showing(scene).all(part)
    ]
    return Lines(iter(views))


def _handed(call: Call) -> Iterator[HandedOver]:
    named: deque[dict[str, Any]] = deque()
    for item in records.handed(call, named):
        about = named.popleft()
        kind = Kind(about["kind"]) if about["kind"] is not None else None
        yield replace(item, kind=kind, external_id=about["external_id"])
