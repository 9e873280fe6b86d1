"""The log that every process of the server writes to stderr: a line for each request, and no secret in it."""

import logging
import logging.config
import re
from typing import Any, ClassVar

from qbwc_server import request_ids
from qbwc_server.config import Config

ACCESS_LOG = '%(addr)s "%(method)s %(path)s %(protocol)s" %(status)d %(dt_ms).1f ms'
"""No query string: the site may put one-time tokens there."""


def log_to_stderr(config: Config) -> None:
    """Have this process write the log its workers write."""
    logging.config.dictConfig(logging_config(config.logging.level))


def logging_config(level: str) -> dict[str, Any]:
    """The logging of every process of the server, to stderr, for `logging.config.dictConfig`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {
                "()": "qbwc_server.server_log.DiscreetFormatter",
                "fmt": "%(asctime)s %(levelname)s %(name)s: %(message)s",
            },
            "access": {
                "()": "qbwc_server.server_log.OneLineFormatter",
                "fmt": "%(asctime)s %(levelname)s access: %(message)s",
            },
        },
        "handlers": {
            "plain": {"class": "logging.StreamHandler", "formatter": "plain"},
            "access": {"class": "logging.StreamHandler", "formatter": "access"},
        },
        "root": {"level": level.upper(), "handlers": ["plain"]},
        "loggers": {
            "granian.access": {"level": "INFO", "handlers": ["access"], "propagate": False},
            "_granian": {"level": "ERROR", "handlers": ["plain"], "propagate": False},
            # it tells at every start that it looked at the schema and found nothing to do
            "alembic": {"level": "DEBUG" if level == "debug" else "WARNING"},
        },
    }


class DiscreetFormatter(logging.Formatter):
    """Leaves out the tokens that are part of an address and let their holder in; tells the request."""

    _TOKEN = re.compile(r"(/(?:setup|new-password|onboard)/)[^/\s\"'?\]]+")

    def format(self, record: logging.LogRecord) -> str:
        """The record's text without the token."""
        return self._TOKEN.sub(r"\1***", super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as the base class has it
        """The record's own line, with the id of the request it was written for."""
        request_id = request_ids.current()
        line = super().formatMessage(record)
        return line if request_id == request_ids.NOBODYS else f"{line} [request {request_id}]"


class OneLineFormatter(DiscreetFormatter):
    """Escapes control characters: a path may hold a line break, and would forge a line of the log."""

    _ESCAPES: ClassVar = {
        code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
    }

    def format(self, record: logging.LogRecord) -> str:
        """The record's line, in one line."""
        return super().format(record).translate(self._ESCAPES)
