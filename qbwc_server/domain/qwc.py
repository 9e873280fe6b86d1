"""The .qwc file that introduces a connector to the Web Connector."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from lxml import etree

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import Fault, InvalidInput

MEDIA_TYPE = "application/x-qwc"


def check_public_url(public_url: str) -> None:
    """Refuse an address the Web Connector would refuse (its errors QBWC1001, QBWC1002 and QBWC1010).

    Raises:
        InvalidInput: not https (unless the host is localhost), an IP address, or no host at all.
    """
    parts = urlsplit(public_url)
    problem = None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        problem = "must be an address such as https://qbwc.example.com"
    elif _is_ip_address(parts.hostname):
        problem = "must have a host name: the Web Connector refuses an IP address"
    elif parts.scheme != "https" and parts.hostname != "localhost":
        problem = "must begin with https://: the Web Connector allows http:// for localhost only"
    if problem:
        raise InvalidInput([Fault("/public_url", f"{public_url!r} {problem}")])


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def build(connector: Connector, public_url: str) -> bytes:
    """The .qwc file of a connector.

    OwnerID and FileID are the connector's own and stay the same over every download: a fresh pair each time
    would leave the user with two entries, or with QBWC1039.

    Args:
        public_url: the address of this server as the user's PC sees it, without a path's trailing slash.

    Raises:
        InvalidInput: the Web Connector would refuse the address.
    """
    check_public_url(public_url)
    base = public_url.rstrip("/")
    title = f"QuickBooks sync {connector.name}"
    root = etree.Element("QBWCXML")
    for name, text in (
        ("AppName", title),
        ("AppID", ""),
        ("AppURL", f"{base}/qbwc"),
        ("AppDescription", f"Keeps QuickBooks in step with the order system ({connector.name})"[:80]),
        ("AppSupport", f"{base}/support"),
        ("UserName", connector.username),
        ("OwnerID", connector.owner_id),
        ("FileID", connector.file_id),
        ("QBType", "QBFS"),
        ("Style", "Document"),
        ("AuthFlags", "0x0"),
        ("UnattendedModePref", "umpOptional"),
        ("PersonalDataPref", "pdpNotNeeded"),
        # true would keep the Web Connector itself from stamping the FileID (QBWC1039, QBWC1080)
        ("IsReadOnly", "false"),
        # with a unique name, loading a new file replaces the old entry instead of asking "clone or replace?"
        ("AppUniqueName", title),
    ):
        etree.SubElement(root, name).text = text
    scheduler = etree.SubElement(root, "Scheduler")
    etree.SubElement(scheduler, "RunEveryNMinutes").text = str(connector.settings.run_every_minutes)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")
