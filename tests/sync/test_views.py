"""What hosts see: a view shows the fields it names and no other, and its schema is that of its JSON."""

from __future__ import annotations

import json
from dataclasses import make_dataclass
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from qbwc_server.desk import overview
from qbwc_server.desk.error_records import errors
from qbwc_server.desk.feeds.event_views import EventView
from qbwc_server.desk.logs import history
from qbwc_server.desk.standing.connector_views import ConnectorView, FindingView, SessionView, SummaryView
from qbwc_server.desk.views.base import ErrorGroupView, ErrorView, View, views
from qbwc_server.domain.kinds import Kind
from tests.worlds.sync_world import World


def shown(world: World) -> list[View]:
    """One view of everything there is to see of a connector at work."""
    line = {"item": {"sku": "A-1"}, "quantity": "1", "rate": "1.00"}
    fields = {"ref_number": "1", "txn_date": "2026-11-20", "customer": {"email": "nobody@x.example"}}
    world.put(Kind.INVOICE, "1", {**fields, "lines": [line]})
    world.poll()
    health = overview.health(world.core, "acme")
    found = errors.find(world.core, connector="acme")
    assert found
    return [
        SummaryView.of(health),
        ConnectorView.whole(health, world.core.clock()),
        *map(ErrorView.of, found),
        *map(ErrorGroupView.of, errors.group(found)),
        *map(EventView.of, history.feed(world.core, "acme")),
    ]


def test_every_json_object_fits_the_schema_of_its_view(world: World) -> None:
    components = {view.component: view.whole_schema() for view in views() if view.component}
    for view in shown(world):
        document = {"components": {"schemas": {**components, "Settings": {}}}, **view.whole_schema()}
        told = json.loads(json.dumps(view.as_json()))
        assert [error.message for error in Draft202012Validator(document).iter_errors(told)] == []
        assert list(told) == [field.alias or name for name, field in type(view).model_fields.items()]


def test_nothing_of_a_connector_is_shown_that_gives_a_way_in(world: World) -> None:
    connector = overview.health(world.core, "acme").connector
    for view in shown(world):
        told = json.dumps(view.as_json())
        for secret in (connector.password_digest, connector.username):
            assert secret not in told


def test_what_a_view_does_not_name_is_not_shown() -> None:
    made: Any = make_dataclass("Leaky", ["severity", "text", "remedy", "password_digest"])
    view = FindingView.model_validate(made("ok", "All is well.", "", "0f" * 32))
    assert view.as_json() == {"severity": "ok", "text": "All is well.", "remedy": ""}


def test_a_view_takes_no_field_it_does_not_name_and_never_changes() -> None:
    with pytest.raises(ValidationError):
        FindingView(severity="ok", text="", remedy="", secret="x")  # type: ignore[call-arg]  # that is the point
    view = FindingView(severity="ok", text="", remedy="")
    with pytest.raises(ValidationError):
        view.text = "another"


def test_a_schema_has_no_title_and_nothing_meant_for_readers_of_the_code() -> None:
    told = json.dumps([view.whole_schema() for view in views()])
    assert '"title"' not in told
    assert "$defs" not in told
    assert FindingView.__doc__ not in told
    assert SessionView.whole_schema()["additionalProperties"] is False


def test_no_two_views_are_documented_under_one_name() -> None:
    names = [view.component for view in views() if view.component]
    assert len(names) == len(set(names))
    assert len({view.__name__ for view in views()}) == len(views())
