"""Causes that concern a connector as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass

from qbwc_server.domain.causes.base import Actor, Cause


@dataclass(frozen=True, slots=True)
class QuickbooksUnreachable(Cause):
    """The Web Connector could not reach QuickBooks, or QuickBooks refused a whole message set.

    Attributes:
        was_reached: QuickBooks was opened, and what was sent to it failed.
    """

    advice: str | None = None
    was_reached: bool = False

    name = "quickbooks_unreachable"
    usual_actor = Actor.QUICKBOOKS_USER

    @property
    def key(self) -> str:
        return "quickbooks"

    def message(self) -> str:
        return "The Web Connector could not work with QuickBooks."

    def remedy(self) -> str:
        return (
            self.advice
            or "Start QuickBooks, open the company file, close every dialog, and run the update again."
        )


@dataclass(frozen=True, slots=True)
class WrongCompanyFile(Cause):
    """The open company file is not the one the connector is bound to; nothing is read from it or written to it.

    Attributes:
        differences: what differs → the values (bound, found).
        seen: the file that was open (``file_id``, ``company_name``, ``path``): the only one that may be confirmed.
    """

    differences: Mapping[str, tuple[str | None, str | None]]
    seen: Mapping[str, str | None] | None = None

    name = "wrong_company_file"
    usual_actor = Actor.STAFF
    retryable = False

    @property
    def key(self) -> str:
        return "company_file"

    def message(self) -> str:
        ours, theirs = self.differences.get("company name", (None, None))
        found = theirs or (self.seen or {}).get("company_name")
        if ours and found:
            told = f"QuickBooks has “{found}” open; this connector belongs to “{ours}”."
        elif found:
            told = f"QuickBooks has another company file open, also called “{found}”, than this connector belongs to."
        else:
            told = "QuickBooks has another company file open than this connector belongs to."
        return f"{told} Nothing was read or written."

    def remedy(self) -> str:
        return (
            "Open the right company file in QuickBooks and run the update again. If this is the right file "
            "(it was moved, renamed or restored), an admin confirms it on the connector's page by typing its name."
        )


@dataclass(frozen=True, slots=True)
class BadCredentials(Cause):
    """The Web Connector came with a wrong password."""

    name = "bad_credentials"
    usual_actor = Actor.QUICKBOOKS_USER
    retryable = False

    @property
    def key(self) -> str:
        return "password"

    def message(self) -> str:
        return "The Web Connector came with a wrong password."

    def remedy(self) -> str:
        return (
            "Paste the connector's password into the Password field of this application in the Web Connector. "
            "If it is lost, create a new one on the connector's page (New password), or ask an admin to."
        )


@dataclass(frozen=True, slots=True)
class VersionUnsupported(Cause):
    """QuickBooks is too old, or did not say what it understands."""

    supported: str

    name = "version_unsupported"
    usual_actor = Actor.QUICKBOOKS_USER
    retryable = False

    @property
    def key(self) -> str:
        return "version"

    def message(self) -> str:
        return (
            f"This QuickBooks understands no qbXML version this server speaks (it offers {self.supported})."
        )

    def remedy(self) -> str:
        return "Update QuickBooks (Help > Update QuickBooks Desktop); it must be QuickBooks 2003 or later."
