"""Masked bundles of a visit and of a record, to be saved and passed on."""

from flask import Blueprint, Response

from qbwc_server.desk.logs import bundles, redaction
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.kinds import Kind
from qbwc_server.web.context import core

pages = Blueprint("bundles", __name__)


@pages.get(f"/connectors/<connector:name>/log/visits/<int(max={LARGEST_ID}):session_id>/bundle")
def of_visit(name: str, session_id: int) -> Response:
    """A visit with all it carried."""
    return _file(f"visit-{session_id}", bundles.of_visit(core(), name, session_id))


@pages.get("/connectors/<connector:name>/bundle/<kind:kind>/<external_id:external_id>")
def of_record(name: str, kind: Kind, external_id: str) -> Response:
    """A record with its life and what was said about it."""
    # the name of the file would tell the id, which is masked in it
    return _file(f"{kind}", bundles.of_record(core(), name, kind, external_id))


def _file(name: str, bundle: dict[str, object]) -> Response:
    response = Response(redaction.as_text(bundle), mimetype="application/json")
    response.headers.set("Content-Disposition", "attachment", filename=f"qbwc-bundle-{name}.json")
    return response
