"""Where connecting QuickBooks goes wrong, told to whoever sits at its PC: what happened, and what to click."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WrongTurn:
    """One wrong turn.

    Attributes:
        title: what happened, in a few words.
        steps: what to do about it, one after the other.
    """

    title: str
    steps: tuple[str, ...]


_AGAIN = "In the Web Connector tick the box at the left of this application and press Update Selected."
_PREFERENCES = (
    "In QuickBooks, signed in as Admin: Edit > Preferences > Integrated Applications > Company Preferences."
)

WRONG_PASSWORD = WrongTurn(
    "The Web Connector came with a wrong password",
    (
        "Click into the Password field of this application in the Web Connector and paste the password once more. "
        "Copy it with the button, without a space before or after it.",
        "Press Enter, and answer Yes when asked to save it.",
        _AGAIN,
    ),
)

_NOT_ADMIN = WrongTurn(
    "QuickBooks was not open as Admin when it asked for permission",
    (
        "In QuickBooks choose File > Close Company/Logoff, and sign in to the company file as Admin.",
        "Choose File > Switch to Single-user Mode.",
        f"{_AGAIN} QuickBooks then asks whether this application may have access: choose “Yes, always; allow access "
        "even if QuickBooks is not running”.",
    ),
)
_SAID_NO = WrongTurn(
    "QuickBooks was told not to let this application in",
    (
        _PREFERENCES,
        "Tick this application in the list. If it is not there, remove it from the Web Connector and add it again.",
        "Press Properties, tick “Allow this application to read and modify this company file”, and press OK.",
        _AGAIN,
    ),
)
_UNATTENDED = WrongTurn(
    "QuickBooks does not let this application in while it is closed",
    (
        _PREFERENCES,
        "Choose this application, press Properties and tick “Allow this application to login automatically”; "
        "log in as Admin there.",
        f"Or leave QuickBooks open with the company file while the Web Connector runs. {_AGAIN}",
    ),
)
_NOT_OPEN = WrongTurn(
    "No company file was open in QuickBooks",
    ("Open QuickBooks with the company file, signed in as Admin.", _AGAIN),
)
_ANOTHER_OPEN = WrongTurn(
    "QuickBooks has another company file open",
    ("Open the right company file (File > Open Previous Company), or close QuickBooks.", _AGAIN),
)
_OTHER_MODE = WrongTurn(
    "The company file is open in the other mode",
    (
        "In QuickBooks choose File > Switch to Single-user Mode; once it is set up, multi-user mode is fine again.",
        _AGAIN,
    ),
)
_A_DIALOG = WrongTurn(
    "A window in QuickBooks waits for an answer",
    ("Close every message and every form that is not saved in QuickBooks.", _AGAIN),
)
_NOT_STARTED = WrongTurn(
    "QuickBooks could not be started",
    (
        "Start QuickBooks, let it finish its updates, and open the company file as Admin.",
        _AGAIN,
        "To have it run while QuickBooks is closed: Edit > Preferences > Integrated Applications > Company "
        "Preferences, choose this application, Properties, and tick “Allow this application to login automatically”.",
    ),
)
_OTHER_USER = WrongTurn(
    "The Web Connector could not reach QuickBooks",
    (
        "Start QuickBooks and the Web Connector as the same Windows user, and neither of them “as administrator”.",
        "Open the company file.",
        _AGAIN,
    ),
)

BY_CODE: Mapping[str, WrongTurn] = {
    "0x80040401": _OTHER_USER,
    "0x80040408": _NOT_STARTED,
    "0x8004040a": _ANOTHER_OPEN,
    "0x80040410": _OTHER_MODE,
    "0x80040414": _A_DIALOG,
    "0x80040416": _NOT_OPEN,
    "0x80040417": _NOT_OPEN,
    "0x80040418": _NOT_ADMIN,
    "0x8004041a": _SAID_NO,
    "0x8004041d": _UNATTENDED,
    "0x8004041e": _NOT_ADMIN,
    "0x80040420": _SAID_NO,
    "0x80070005": _OTHER_USER,
}
"""By the code with which QuickBooks could not be opened, in lower case."""


def wrong_file(expected: str | None, found: str | None) -> WrongTurn:
    """Another company file is open than the one that is to be connected."""
    title = f"QuickBooks has {_quoted(found, 'another company file')} open"
    right = _quoted(expected, "the right company file")
    return WrongTurn(
        title,
        (
            f"This connection belongs to {right}. Nothing was read from the other file or written to it.",
            f"Open {right} in QuickBooks.",
            _AGAIN,
            "If it is the right file after all (moved, renamed or restored from a backup), tell whoever sent you here.",
        ),
    )


def _quoted(name: str | None, otherwise: str) -> str:
    return f"“{name}”" if name else otherwise
