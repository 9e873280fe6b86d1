"""Rulings: what people said for good of what could not be told, looked at and taken back."""

from qbwc_server.desk.deciding import rulings
from qbwc_server.desk.deciding.choice_views import RulingView
from qbwc_server.web.api.serving import Answer, Call


def listing(call: Call, connector: str) -> Answer:
    """All rulings of a connector."""
    found = rulings.every(call.core, connector)
    return Answer({"rulings": [RulingView.of(ruling).as_json() for ruling in found]})


def take_back(call: Call, connector: str, ruling_id: int) -> Answer:
    """Forget one; it is shown this last time."""
    found = rulings.take_back(call.core, connector, ruling_id, actor=call.actor)
    return Answer(RulingView.of(found).as_json())
