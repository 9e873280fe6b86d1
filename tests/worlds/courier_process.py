"""A process that delivers to webhooks until it is killed: ``courier_process.py URL``. Its leases are short."""

from __future__ import annotations

import sys
import time
from datetime import timedelta

from qbwc_server.courier import delivering
from qbwc_server.courier.post import PostOffice
from qbwc_server.domain.clock import utc_now
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core

LEASE = 2.0


def main() -> None:
    delivering.LEASE = timedelta(seconds=LEASE)
    delivering.SENDING_SECONDS = LEASE / 2
    office = PostOffice(Core(Database(sys.argv[1]), utc_now, b"k" * 32, "https://qb.example.com"))
    print("ready", flush=True)
    while True:
        office.look()
        time.sleep(0.05)


if __name__ == "__main__":
    main()
