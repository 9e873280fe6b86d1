"""How the simulated QuickBooks says no: for a whole message set (hresult) or for one request (statusCode)."""

from __future__ import annotations

from typing import Literal, Self

Severity = Literal["Info", "Warn", "Error"]


class SimulatorError(Exception):
    """The simulator was used wrongly or its state file is unusable; QuickBooks itself never says this."""


class RequestProcessorError(Exception):
    """The request processor rejects a whole message set or a session; nothing of it appears in a response.

    Args:
        hresult: the code as the Web Connector passes it on, e.g. ``"0x80040400"``.
        message: QuickBooks' sentence.
    """

    def __init__(self, hresult: str, message: str) -> None:
        super().__init__(f"{hresult}: {message}")
        self.hresult = hresult
        self.message = message

    @classmethod
    def unreadable(cls, why: str = "") -> Self:
        """0x80040400. ``why`` stays out of the message: QuickBooks never names the culprit, and neither do
        we."""
        error = cls("0x80040400", "QuickBooks found an error when parsing the provided XML text stream.")
        if why:
            error.add_note(why)
        return error

    @classmethod
    def unknown_version(cls) -> Self:
        """0x80040423, for a version in the ``qbxml`` instruction that this QuickBooks does not speak."""
        return cls("0x80040423", "The version of qbXML that was requested is not supported or is unknown.")


class StatusError(Exception):
    """One request ends with a status other than 0; the rest of the message set is not touched by it.

    Args:
        code: statusCode of the answer.
        message: statusMessage of the answer.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def severity_of(code: int) -> Severity:
    """Severity that belongs to a statusCode: 0-499 Info, 500-999 Warn, everything above Error."""
    if code < 500:
        return "Info"
    return "Warn" if code < 1000 else "Error"


def name_in_use(name: str) -> StatusError:
    """3100: the name exists already in the list, or in a list that shares its names."""
    return StatusError(3100, f'The name "{name}" of the list element is already in use.')


def object_not_found(identifier: str) -> StatusError:
    """3120: the object a request works on does not exist (any more)."""
    return StatusError(
        3120,
        f'Object "{identifier}" specified in the request cannot be found.  QuickBooks error message: '
        "Invalid argument.  The specified record does not exist in the list.",
    )


def invalid_reference(what: str, wanted: str, where: str, why: str) -> StatusError:
    """3140: a reference inside the request leads nowhere, or to an inactive record."""
    return StatusError(
        3140,
        f'There is an invalid reference to QuickBooks {what} "{wanted}" in the {where}.  '
        f"QuickBooks error message: {why}",
    )


def invalid_id(value: str, field: str) -> StatusError:
    """3000: the value cannot be an object id of QuickBooks at all."""
    return StatusError(3000, f'The given object ID "{value}" in the field "{field}" is invalid.')


def stale_edit_sequence(value: str) -> StatusError:
    """3200: the record changed since the caller read it."""
    return StatusError(3200, f'The provided edit sequence "{value}" is out-of-date.')


def missing_element(name: str) -> StatusError:
    """3150: QuickBooks needs an element that the schema leaves optional."""
    return StatusError(3150, f'There is a missing element: "{name}".')


def feature_off() -> StatusError:
    """3250: the edition of QuickBooks has not got it, or a preference switched it off."""
    return StatusError(3250, "This feature is not enabled or not available in this version of QuickBooks.")


def save_failed(what: str, name: str, why: str) -> StatusError:
    """3180: the most generic refusal; only its text says what happened."""
    return StatusError(
        3180, f'There was an error when saving a {what}, element "{name}".  QuickBooks error message: {why}'
    )


def not_found_in_query(wanted: str) -> StatusError:
    """500: a query named objects of which at least one does not exist; the others are returned."""
    return StatusError(
        500,
        "The query request has not been fully completed. There was a required element "
        f'("{wanted}") that could not be found in QuickBooks.',
    )


def no_match() -> StatusError:
    """1: a query with filters matched nothing."""
    return StatusError(1, "A query request did not find a matching object in QuickBooks")
