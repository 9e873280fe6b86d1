"""A connector: one registration of one company file, its settings, its binding and its credentials."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal, get_args
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails

from .faults import Fault, InvalidInput
from .in_quickbooks import KINDS
from .kinds import Kind
from .near import did_you_mean
from .sessions import Session

NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")

PartyRule = Literal["email", "name", "account_number"]
"""By what a customer or vendor is found in QuickBooks."""

ItemRule = Literal["part_number", "name", "sub_name", "barcode"]
"""By what an item is found: its Manufacturer's Part Number, its FullName, its own name below whatever parent, or
its bar code."""

RULES: dict[str, tuple[str, ...]] = {
    "match_customers_by": get_args(PartyRule),
    "match_vendors_by": get_args(PartyRule),
    "match_items_by": get_args(ItemRule),
}
"""The settings that are ordered lists of rules, and the rules each may hold."""

_HOURS = r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$"
_ONCE: dict[str, JsonValue] = {"uniqueItems": True}


class ConnectorSettings(BaseModel):
    """What staff may set on a connector (`connector set NAME key=value`).

    Accounts, terms and template are FullNames as they stand in QuickBooks. `quiet_hours` (``22:00-06:00``) are
    hours of `time_zone` in which nothing is exchanged. Of the rules to match by, the first that finds anything
    decides.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    post_invoices: bool = True
    post_purchase_orders: bool = True
    create_customers: bool = True
    create_vendors: bool = True
    create_items: bool = True
    create_without_email: bool = False
    match_customers_by: tuple[PartyRule, ...] = Field(
        default=("email",), min_length=1, json_schema_extra=_ONCE
    )
    match_vendors_by: tuple[PartyRule, ...] = Field(default=("email",), min_length=1, json_schema_extra=_ONCE)
    match_items_by: tuple[ItemRule, ...] = Field(
        default=("part_number",), min_length=1, json_schema_extra=_ONCE
    )
    default_terms: str | None = None
    default_income_account: str | None = None
    default_expense_account: str | None = None
    default_cogs_account: str | None = None
    default_asset_account: str | None = None
    default_item_type: Literal["service", "non_inventory", "other_charge", "inventory"] = "non_inventory"
    template: str | None = None
    ref_number_prefix: str | None = Field(default=None, max_length=8)
    host_wins: bool = False
    batch_size: int = Field(default=50, ge=1, le=500)
    refresh_minutes: int = Field(default=60, ge=1, le=10_080)
    message_set_recovery: bool = True
    read_only: bool = False
    company_file: str | None = None
    run_every_minutes: int = Field(default=5, ge=1, le=1440)
    quiet_hours: str | None = Field(default=None, json_schema_extra={"pattern": _HOURS})
    time_zone: str = "UTC"

    @field_validator("*", mode="before")
    @classmethod
    def _empty_means_unset(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator(*RULES, mode="before")
    @classmethod
    def _rules(cls, value: Any, info: ValidationInfo) -> Any:
        known = RULES[info.field_name or ""]
        given = _listed(value)
        if not given or not set(given) <= set(known):
            raise ValueError(f"use one or several of: {', '.join(known)}")
        if len(set(given)) < len(given):
            raise ValueError("name each of them once, in the order in which they are to be tried")
        return given

    @field_validator("quiet_hours")
    @classmethod
    def _two_times_of_day(cls, value: str | None) -> str | None:
        if value is not None and re.search(_HOURS, value, re.ASCII) is None:
            raise ValueError("must be hours such as 22:00-06:00")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # "America" is a folder of them, no zone
            raise ValueError(f"{value!r} is no time zone; write it as America/New_York") from None
        return value

    def is_quiet(self, now: datetime) -> bool:
        """Whether `now` lies in the quiet hours, in which QuickBooks is left alone; they may span midnight."""
        if self.quiet_hours is None:
            return False
        start, end = (time.fromisoformat(part) for part in self.quiet_hours.split("-"))
        clock = now.astimezone(ZoneInfo(self.time_zone)).time()
        return start <= clock < end if start <= end else clock >= start or clock < end

    def changed(self, /, **values: Any) -> "ConnectorSettings":
        """These settings with `values` in place of their own; an empty value gives a setting its default again.

        Raises:
            InvalidInput: an unknown key or a value that does not fit; every fault is listed.
        """
        wanted = {**self.model_dump(), **values}
        for name in ConnectorSettings.model_fields:
            if wanted[name] == "":
                del wanted[name]
        try:
            return ConnectorSettings.model_validate(wanted)
        except ValidationError as error:
            raise InvalidInput(map(_fault, error.errors())) from None


def _fault(error: ErrorDetails) -> Fault:
    """A fault of a setting; of one that does not exist also which may be meant."""
    name = str(error["loc"][0]) if error["loc"] else ""
    field = ConnectorSettings.model_fields.get(name)
    if field is None:
        near = did_you_mean(name, ConnectorSettings.model_fields)
        return Fault(f"/{name}", f"there is no such setting{near}")
    return Fault.of(error, field.metadata)


def _listed(value: object) -> tuple[str, ...]:
    """What was given as a list, or as words with commas between; nothing of what is neither."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(","))
    if isinstance(value, Sequence) and all(isinstance(part, str) for part in value):
        return tuple(value)
    return ()


@dataclass(frozen=True, slots=True)
class Binding:
    """The company file a connector is bound to, as its first session saw it.

    Attributes:
        file_id: the FileID stamped into the company file, upper case, or None when it was not reported.
        company_name: CompanyName of the file.
        path: the Windows path the Web Connector reported.
        paths: other paths under which the same file was seen: a drive letter and a share are two ways to one file.
    """

    file_id: str | None
    company_name: str | None
    path: str | None
    paths: tuple[str, ...] = ()


ANY_FILE = Binding(None, None, None)
"""The binding of a connector whose next company file is the right one, because a person said so."""


SEEN_WITHIN = timedelta(minutes=1)
"""How exactly it is noted when a Web Connector called: not every call is worth a write."""


@dataclass(frozen=True, slots=True)
class Connector:
    """One registration of one company file; the tenant boundary.

    Attributes:
        uuid: never changes, not even by a full reset; the name space of our ExternalGUIDs.
        owner_id, file_id: the GUIDs of the .qwc, with braces. The guide wants one OwnerID an application; each
            connector is an application of its own, so that one customer's pair can be changed (the remedy
            for QBWC1039) without touching any other's.
        last_seen_at: when its Web Connector called last; up to `SEEN_WITHIN` earlier, as not every call is noted.
        last_message_set: ID of the last settled writing set, to be cleared by the next one.
        seconds_per_request: how long QuickBooks takes over one request, smoothed; None before the first.
        tidied_at: when old message texts were last removed.
        is_restored: records that were synced were found missing, and older ones have yet to be looked for.
        is_verifying: the records synced last were asked for, and the answer has not been read to its end.
        pc_offset: seconds that the wall clock of QuickBooks' PC was ahead of UTC when it last wrote for us.
        removed_at: since when it is removed; its name and user name are buried then, as `buried` makes them.
    """

    id: int
    uuid: UUID
    name: str
    username: str
    password_digest: str
    owner_id: str
    file_id: str
    settings: ConnectorSettings
    binding: Binding | None
    paused: bool
    created_at: datetime
    last_seen_at: datetime | None
    last_message_set: str | None
    qbxml_version: str | None
    product: str | None
    country: str | None
    seconds_per_request: float | None
    tidied_at: datetime | None
    is_restored: bool
    is_verifying: bool
    pc_offset: int | None = None
    removed_at: datetime | None = None

    def was_seen(self, now: datetime) -> bool:
        """Whether it is noted already that the Web Connector called in the minute before."""
        return self.last_seen_at is not None and self.last_seen_at <= now < self.last_seen_at + SEEN_WITHIN

    def buried(self, text: str) -> str:
        """A name that no living connector can have, so that the one it was is free."""
        return f"{text} #{self.id}"

    @property
    def given_name(self) -> str:
        """Its name in life."""
        return self.name.removesuffix(self.buried(""))

    @property
    def given_username(self) -> str:
        """Its user name in life."""
        return self.username.removesuffix(self.buried(""))

    @property
    def company_file(self) -> str | None:
        """The Windows path QuickBooks is told to open; None means whatever file is open."""
        return self.settings.company_file


def check_name(name: str) -> None:
    """Refuse a connector name that could not stand in an address or a file name.

    Raises:
        InvalidInput: the name does not fit.
    """
    # "new" is the address of the page that adds one
    if not NAME_PATTERN.fullmatch(name) or name.lower() == "new":
        raise InvalidInput(
            [
                Fault(
                    "/name",
                    "use 1 to 40 letters, digits, dots, dashes or underscores, a letter or digit first",
                )
            ]
        )


def new_guid() -> str:
    """A GUID as the Web Connector wants it: upper case, with braces."""
    return "{" + str(uuid4()).upper() + "}"


def new_password() -> str:
    """A Web Connector password of 160 random bits, without characters that are mistaken for one another."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(8)) for _ in range(4))


def digest(key: bytes, secret: str) -> str:
    """The keyed digest under which a generated secret (password, ticket, key) is stored, as hex.

    A generated secret has too many bits to be guessed, so it needs no slow hash; the key makes a stolen
    database useless on its own.
    """
    return hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Whether two digests are equal, in constant time."""
    return hmac.compare_digest(left, right)


def may_write(connector: Connector, session: Session | None = None) -> bool:
    """Whether anything may be written to the company file."""
    return not connector.settings.read_only and not (session is not None and session.quarantined)


def kinds_to_post(connector: Connector) -> tuple[Kind, ...]:
    """The kinds whose posting is switched on."""
    switches = {kind: row.posted_if for kind, row in KINDS.items()}
    return tuple(
        kind for kind, switch in switches.items() if switch is None or getattr(connector.settings, switch)
    )
