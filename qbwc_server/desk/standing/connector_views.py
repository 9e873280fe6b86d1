"""What hosts see of connectors, their visits and lists: each shape once."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, WithJsonSchema

from qbwc_server.desk.overview import Health, ListAge, Mood, SessionInfo, Summary
from qbwc_server.desk.views.base import COMPONENT, Amount, Count, ErrorView, Moment, View
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.records import State


class SummaryView(View):
    """How a connector is, in short."""

    name: str
    mood: Mood = Field(
        description="What is wrong comes first: a connector may be paused whatever its mood is. "
        "`stopped`: nothing goes to QuickBooks. `attention`: records are blocked. `late`: the Web Connector did not "
        "come when it was expected. "
        "`paused`: it is, and nothing else is to be told."
    )
    headline: str
    paused: bool
    last_seen_at: Moment | None = Field(description="To the minute: not every call is noted.")
    counts: Annotated[
        dict[State, int],
        WithJsonSchema(
            {
                "type": "object",
                "properties": {state.value: {"type": "integer", "minimum": 0} for state in State},
                "required": [state.value for state in State],
                "additionalProperties": False,
            }
        ),
    ]
    open_errors: Count

    @classmethod
    def of(cls, health: Summary) -> "SummaryView":
        """The view of how a connector is."""
        return SummaryView(**_summary(health))


def _summary(health: Summary) -> dict[str, Any]:
    return {
        "name": health.connector.name,
        "mood": health.mood,
        "headline": health.headline,
        "paused": health.connector.paused,
        "last_seen_at": health.connector.last_seen_at,
        "counts": health.counts,
        "open_errors": health.open_errors,
    }


class CompanyFileView(View):
    """The company file a connector is bound to."""

    file_id: str | None
    company_name: str | None
    path: str | None


class FindingView(View):
    """One thing the health check found."""

    severity: Annotated[str, WithJsonSchema({"type": "string", "enum": ["ok", "warning", "problem"]})]
    text: str
    remedy: str


class ListAgeView(View):
    """How fresh a list of the cache is."""

    list: ListName
    entries: Count
    loaded_at: Moment | None
    age_seconds: Count | None
    loading: bool

    @classmethod
    def of(cls, item: ListAge, now: datetime) -> Self:
        """The view of a list's age at a moment."""
        age = None if item.loaded_at is None else max(0, int((now - item.loaded_at).total_seconds()))
        return cls(
            list=item.list,
            entries=item.entries,
            loaded_at=item.loaded_at,
            age_seconds=age,
            loading=item.loading,
        )


class SessionView(View):
    """A visit of the Web Connector."""

    component = "Session"

    id: int
    opened_at: Moment
    last_call_at: Moment
    ended_at: Moment | None
    end_reason: str | None
    message_sets: Count
    records_synced: Count
    last_error: str | None

    @classmethod
    def of(cls, info: SessionInfo | None) -> Self | None:
        """The view of a visit, where there was one."""
        return None if info is None else cls.model_validate(info)


class ConnectorView(SummaryView):
    """Everything about a connector but its credentials."""

    component = "Connector"

    created_at: Moment
    next_expected_at: Moment | None = Field(
        description="When the Web Connector is to be expected next, about: by `run_every_minutes`, and by the hours of "
        "the week in which it called in the last four weeks. A moment that is over: it has not come since. "
        "null: it never called."
    )
    company_file: CompanyFileView | None
    qbxml_version: str | None
    product: str | None
    country: str | None
    settings: Annotated[dict[str, Any], WithJsonSchema({COMPONENT: "Settings"})]
    findings: tuple[FindingView, ...]
    connector_errors: tuple[ErrorView, ...]
    lists: tuple[ListAgeView, ...]
    resync_requested_at: Moment | None
    live_session: SessionView | None
    last_session: SessionView | None

    @classmethod
    def whole(cls, health: Health, now: datetime) -> "ConnectorView":
        """The view of a connector's health at a moment."""
        connector = health.connector
        bound = connector.binding
        return cls(
            **_summary(health),
            created_at=connector.created_at,
            next_expected_at=health.expected_at,
            company_file=None if bound is None else CompanyFileView.model_validate(bound),
            qbxml_version=connector.qbxml_version,
            product=connector.product,
            country=connector.country,
            settings=settings_of(connector),
            findings=tuple(map(FindingView.model_validate, health.findings)),
            connector_errors=tuple(map(ErrorView.of, health.connector_errors)),
            lists=tuple(ListAgeView.of(item, now) for item in health.lists),
            resync_requested_at=health.resync_requested_at,
            live_session=SessionView.of(health.live_session),
            last_session=SessionView.of(health.last_session),
        )


class ResyncView(ConnectorView):
    """A connector of which a Resync was asked for."""

    component = "ResyncAnswer"

    already_asked: bool = Field(
        description="true: one has been waiting since `resync_requested_at`, which will do the same; nothing was asked "
        "for."
    )

    @classmethod
    def asked(cls, health: Health, now: datetime, *, already: bool) -> "ResyncView":
        """The view of a connector's health, just after."""
        return cls(**dict(ConnectorView.whole(health, now)), already_asked=already)


def settings_of(connector: Connector) -> dict[str, Any]:
    """The settings of a connector, as its view has them."""
    return connector.settings.model_dump(mode="json")


# --- lists ------------------------------------------------------------------------------------------------


class ListEntryView(View):
    """An entry of a list of QuickBooks."""

    list_id: str
    type: str
    full_name: str
    is_active: bool
    email: str | None
    sku: str | None
    account_number: str | None
    barcode: str | None
    terms: str | None
    city: str | None = Field(description="Of a customer or vendor; so `phone`.")
    phone: str | None
    balance: Amount | None = Field(
        description="What a customer owes, with its jobs, or what is owed to a vendor, as QuickBooks told it at "
        "`told_at`: with its list, so it may have become another since."
    )
    currency: str | None = Field(
        description="The one a customer or vendor is kept in, where the company file has several; of a currency its "
        "code."
    )
    told_at: Moment | None = Field(description="When QuickBooks told a customer or vendor last.")
    edit_sequence: str | None

    @classmethod
    def of(cls, entry: ListEntry) -> Self:
        """The view of an entry."""
        return cls.model_validate(entry)
