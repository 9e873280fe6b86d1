"""JSON as it is handed over, read with its numbers exact."""

import json
from decimal import Decimal
from typing import Any

from qbwc_server.domain.faults import Fault, InvalidInput


def read_json(text: str) -> Any:
    """JSON with its numbers exact: a number with a fraction becomes a Decimal, never a float.

    Raises:
        InvalidInput: it is not JSON.
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except RecursionError:
        raise InvalidInput([Fault("", "nested too deeply")]) from None
    except json.JSONDecodeError as error:
        where = (
            f"line {error.lineno}, column {error.colno}" if "\n" in text.strip() else f"column {error.colno}"
        )
        raise InvalidInput([Fault("", f"not JSON: it cannot be read from {where} on")]) from None
    except _NoNumber as error:
        raise InvalidInput([Fault("", f"not JSON: {error}")]) from None
    except ValueError:  # a whole number of thousands of digits
        raise InvalidInput([Fault("", "not JSON: it holds a number of too many digits")]) from None


class _NoNumber(ValueError):
    """What Python's reader of JSON would take for a number."""


def _refuse_constant(name: str) -> None:
    raise _NoNumber(f"{name} is not a number")
