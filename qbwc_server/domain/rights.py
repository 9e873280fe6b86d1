"""What an admin may let support do, in the words of the page that asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """Something that only admins do, unless they let support do it, too."""

    SESSION_RESET = "session_reset"
    QWC = "qwc"
    NEW_PASSWORD = "new_password"  # noqa: S105 - the name of a right
    ONBOARDING = "onboarding"
    PAUSE = "pause"
    POST_AS_NEW = "post_as_new"
    FULL_RESET = "full_reset"


@dataclass(frozen=True, slots=True)
class Words:
    """A right in plain words.

    Attributes:
        label: what it is, as a heading or on a button.
        meaning: what comes of it, for the admin who decides.
        default: whether support may as long as no admin has decided.
    """

    label: str
    meaning: str
    default: bool


RIGHTS: Mapping[Right, Words] = {
    Right.SESSION_RESET: Words(
        "Session reset", "Ends a session that hangs. Nothing that is queued is lost.", True
    ),
    Right.QWC: Words(
        "Download the .qwc file",
        "Introduces the connector to the Web Connector. The file holds no password.",
        True,
    ),
    Right.NEW_PASSWORD: Words(
        "New Web Connector password",
        "Shows a new password once. The old one stops working until the new one is typed in at the PC.",
        True,
    ),
    Right.ONBOARDING: Words(
        "Onboarding link",
        "Lets the person at the QuickBooks PC download the .qwc and see a new password without an account.",
        False,
    ),
    Right.PAUSE: Words("Pause and resume", "While a connector is paused, nothing goes to QuickBooks.", False),
    Right.POST_AS_NEW: Words(
        "Post as new",
        "Posts a document once more that was deleted in QuickBooks. It cannot be undone here.",
        False,
    ),
    Right.FULL_RESET: Words(
        "Full reset",
        "Starts a connector over: a new .qwc and a new password, and the company file is forgotten.",
        False,
    ),
}
"""Every right, in the order of the page."""
