"""The route about what would become of records."""

from collections.abc import Iterator

from qbwc_server.desk.handing_over import previews
from qbwc_server.domain.people import Scope
from qbwc_server.web.api import parameters as p
from qbwc_server.web.api import previews as views
from qbwc_server.web.api.bodies import SOME, Body
from qbwc_server.web.api.serving import Route


def routes() -> Iterator[Route]:
    """Looking before handing over."""
    yield Route(
        "POST",
        "/connectors/{connector}/preview",
        views.preview,
        "preview",
        "What would become of records, and what QuickBooks would be sent; nothing is stored",
        {200: "Preview"},
        "Batch",
        query=(p.REVIVE,),
        body=Body("BatchLine", SOME),
        description="One record as a line of a batch has it (its `kind` and `external_id` beside its fields), an "
        "array of them, or one a line; the answer has the same form. They see each other, in whatever order: an "
        "invoice names a customer that is created beside it. The status is 200 whatever would become of them. What is "
        "told holds for the moment: by what QuickBooks' lists were when they were last read, and without asking "
        f"QuickBooks (`asked_first`). At most {previews.MOST:,} at once (422).",
        scope=Scope.READ,
    )
