"""`python -m qbwc_server.cli` is the command `qbwc-server`."""

from . import main

if __name__ == "__main__":
    main(prog_name="qbwc-server")
