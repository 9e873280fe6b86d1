"""The program `qbwc-server`, which is also `python -m qbwc_server.cli`."""

import atexit
import gc

from qbwc_server.cli import main


def program() -> None:
    """Carry out what was typed, and end the process."""
    # To look through what is imported again and again, and once more at the end, takes a third of all the time that
    # a short command takes. `Place.load` has the collector begin with what comes after.
    gc.disable()
    atexit.register(gc.freeze)
    main(prog_name="qbwc-server")


if __name__ == "__main__":
    program()
