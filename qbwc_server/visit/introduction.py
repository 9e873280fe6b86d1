"""The first sendRequestXML of a session: which QuickBooks it is, and whether the right company file is open."""

import logging
from dataclasses import dataclass
from datetime import datetime

import qbxml
import qbxml.records as qb
from qbwc_server.domain import company_files
from qbwc_server.domain.causes import VersionUnsupported, WrongCompanyFile
from qbwc_server.domain.connectors import ANY_FILE, Binding, Connector
from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.sessions import Session
from qbwc_server.storage import Transaction, connectors, events, sessions
from qbwc_server.sync import connector_errors
from qbxml import Version

log = logging.getLogger(__name__)

OUR_VERSION = Version("13.0")
"""The newest qbXML we speak; QuickBooks 2014 and later understand it."""
OLDEST_VERSION = Version("2.0")
"""The oldest: QuickBooks 2003. Before it, nothing tells what was deleted."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """What the Web Connector says of the QuickBooks it is connected to.

    Attributes:
        hcp_response: QuickBooks' answers to the Web Connector's own HostQuery, CompanyQuery and PreferencesQuery.
        path: of the company file.
        major, minor: the qbXML version of its request processor; None where that is not told.
    """

    hcp_response: str
    path: str
    country: str
    major: int | None
    minor: int | None


def introduced(
    conn: Transaction, connector: Connector, session: Session, told: Introduction, *, now: datetime
) -> tuple[Connector, Session] | None:
    """Note who is there; the connector and its session as they stand then. None: this QuickBooks is too old, which
    getLastError says."""
    host, company = _read_hcp(told.hcp_response)
    offered = tuple(host.supported_qbxml_version) if host is not None else ()
    if not offered and told.major is not None:
        offered = (f"{told.major}.{told.minor or 0}",)
    try:
        version = qbxml.negotiate(offered, OUR_VERSION, oldest=OLDEST_VERSION)
    except qbxml.UnsupportedVersion:
        cause = VersionUnsupported(", ".join(offered) or "nothing")
        connector_errors.happened(conn, connector, cause, now=now, address=session.address)
        sessions.change(conn, session.id, last_error=cause.message())
        return None
    connector_errors.ended(conn, connector, VersionUnsupported.name, now=now)
    connector_errors.quickbooks_opened(conn, connector, now=now)
    quarantined = _is_another(conn, connector, session, _binding(connector, company, told.path), now=now)
    country = _country(told.country, host)
    sessions.change(conn, session.id, qbxml_version=str(version), country=country, quarantined=quarantined)
    product = host.product_name if host is not None else None
    connectors.change(conn, connector.id, qbxml_version=str(version), country=country, product=product)
    fresh = sessions.live(conn, connector.id)
    if fresh is None:
        raise RuntimeError("the live session vanished within its own transaction")
    return connectors.get(conn, connector.id), fresh


def _is_another(
    conn: Transaction, connector: Connector, session: Session, seen: Binding, *, now: datetime
) -> bool:
    """Whether another company file is open than this connector's; the first right one it is bound to.

    Before the first contact the FileID of the .qwc is known: a file that the Web Connector registered for
    another connection bears another one. What a person has confirmed is bound to whatever it bears.
    """
    known = connector.binding or Binding(connector.file_id, None, None)
    differences = company_files.differences(known, seen)
    if not company_files.is_same(known, seen):
        marks = {"file_id": seen.file_id, "company_name": seen.company_name, "path": seen.path}
        cause = WrongCompanyFile(differences, marks)
        connector_errors.happened(conn, connector, cause, now=now, address=session.address)
        return True
    connector_errors.ended(conn, connector, WrongCompanyFile.name, now=now)
    if connector.binding in (None, ANY_FILE):
        connectors.change(conn, connector.id, binding=seen)
        detail = f"{seen.company_name or 'unnamed company'}, {seen.path or 'no path'}"
        bound = ConnectorHappening.COMPANY_FILE_BOUND
        events.add(conn, connector.id, bound, at=now, actor="quickbooks", detail=detail)
    elif company_files.remembered(known, seen) != known:
        _remember(conn, connector, known, seen, differences, now=now)
    return False


def _remember(
    conn: Transaction,
    connector: Connector,
    known: Binding,
    seen: Binding,
    differences: company_files.Differences,
    *,
    now: datetime,
) -> None:
    """The same file under another path or name: go on, and say so once."""
    connectors.change(conn, connector.id, binding=company_files.remembered(known, seen))
    if differences:
        told = [f"{what}: “{before}”, now “{after}”" for what, (before, after) in differences.items()]
        what = ConnectorHappening.COMPANY_FILE_MOVED
        events.add(conn, connector.id, what, at=now, actor="quickbooks", detail="; ".join(told))


def _read_hcp(hcp_response: str) -> tuple[qb.Host | None, qb.Company | None]:
    """The answers to Host- and CompanyQuery that the Web Connector brings along; None where there is none."""
    host = company = None
    if not hcp_response.strip():
        return None, None
    try:
        for response in qbxml.read(hcp_response.encode(), encoding="utf-8"):
            for record in response.records:
                host = record if isinstance(record, qb.Host) else host
                company = record if isinstance(record, qb.Company) else company
    except qbxml.ReadError as error:
        log.warning("the Web Connector's own queries could not be read: %s", str(error))
    return host, company


def _country(given: str, host: qb.Host | None) -> str:
    wanted = given or (host.country if host is not None else None) or "US"
    return wanted if wanted in ("US", "CA", "UK", "AU") else "US"


def _binding(connector: Connector, company: qb.Company | None, path: str) -> Binding:
    """What tells this company file from others; of several FileIDs it bears the one that is known."""
    extensions = company.data_ext if company is not None else ()
    stamps = [
        (extension.data_ext_value or "").upper()
        for extension in extensions
        if (extension.owner_id or "").upper() == connector.owner_id.upper()
        and extension.data_ext_name == "FileID"
    ]
    bound = connector.binding.file_id if connector.binding is not None else None
    known = (bound or connector.file_id).upper()
    stamped = known if known in stamps else next(filter(None, stamps), None)
    return Binding(stamped, company.company_name if company is not None else None, path or None)
