"""The configuration a command works with."""

import logging

from qbwc_server.cli.invocation import Invocation
from qbwc_server.config import Config
from qbwc_server.config.reading import load_config


def config_of(invocation: Invocation) -> Config:
    """The configuration of this run, with its log level in force.

    Raises:
        ConfigError: an unknown key or a value that does not fit.
    """
    config = load_config(invocation.config_path)
    # a command tells its story itself; the log is for whoever asks for all of it
    level = "DEBUG" if config.logging.level == "debug" else "WARNING"
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    return config
