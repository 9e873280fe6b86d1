"""What every step is handed: the database, the clock, the keys and the limits."""

from dataclasses import dataclass, field

from qbwc_server.domain.clock import Clock
from qbwc_server.domain.limits import Limits
from qbwc_server.storage.database import Database


@dataclass(frozen=True, slots=True)
class Core:
    """The server without its front ends.

    Attributes:
        digest_key: key of the digests under which passwords, tickets and tokens are stored.
        public_url: this server's address as the Web Connector sees it; "": not known, as in a host's own process.
    """

    database: Database
    clock: Clock
    digest_key: bytes
    public_url: str
    limits: Limits = field(default_factory=Limits)

    @property
    def soap_url(self) -> str:
        """The address the Web Connector calls."""
        return self.public_url.rstrip("/") + "/qbwc"
