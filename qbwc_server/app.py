"""Puts the applications of one server together: the SOAP service at ``/qbwc``, the site everywhere else."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

from qbwc_server.admission import Admission, Refused, in_plain_words
from qbwc_server.config import Config, load_secrets
from qbwc_server.config.reading import load_config
from qbwc_server.domain.clock import Clock, utc_now
from qbwc_server.identified import identified
from qbwc_server.soap import soap_application
from qbwc_server.sync.core import Core
from qbwc_server.visit.calls import WebConnectorCalls
from qbwc_server.web import create_site
from qbwc_server.web.api import MOUNT as API
from qbwc_server.web.api import failures
from qbwc_server.wiring import core_from

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

SOAP_PATHS = frozenset({"/qbwc", "/qbwc/"})
"""With and without the slash: the Web Connector is not known to follow redirects of a POST."""


def create_app(config: Config | None = None, *, clock: Clock = utc_now) -> "WSGIApplication":
    """The whole server as a WSGI application, for `qbwc_server.serve` or any other WSGI server.

    Args:
        config: by default the file named by ``QBWC_CONFIG`` and the environment.
        clock: the time, for tests.

    Raises:
        ConfigError, DatabaseUnavailable, SchemaMismatch: as `core_from` does.
    """
    config = config or load_config()
    return application_of(core_from(config, clock, create=True), config)


def application_of(core: Core, config: Config) -> "WSGIApplication":
    """The whole server as a WSGI application on a core that is there already."""
    site = create_site(
        core,
        secret_key=load_secrets(config).site_key,
        secure_cookies=config.public_url.startswith("https:"),
        session_minutes=config.site.session_minutes,
    )
    return compose(
        soap_application(WebConnectorCalls(core), soap_url=config.soap_url),
        site,
        max_body_bytes=config.server.max_body_bytes,
        proxies=config.server.proxies,
    )


def compose(
    soap: "WSGIApplication", site: "WSGIApplication", *, max_body_bytes: int, proxies: int = 0
) -> "WSGIApplication":
    """One WSGI application out of two.

    Args:
        soap: answers the SOAP address, whatever the method; no login or redirect of the site is in its way.
        site: answers every other address.
        max_body_bytes: larger request bodies are refused with 413.
        proxies: how many proxies in front are trusted to name the client's address, scheme and host.
    """

    def route(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        chosen = soap if environ.get("PATH_INFO") in SOAP_PATHS else site
        return chosen(environ, start_response)

    admitted = identified(Admission(route, max_body_bytes=max_body_bytes, wording=_worded))
    return ProxyFix(admitted, x_for=proxies, x_proto=proxies, x_host=proxies) if proxies else admitted


def _worded(environ: "WSGIEnvironment", refusal: Refused) -> tuple[str, bytes]:
    """A refusal as the address it is for answers every other one: hosts read problem documents."""
    if not f"{environ.get('PATH_INFO', '')}/".startswith(f"{API}/"):
        return in_plain_words(environ, refusal)
    answer = failures.problem(refusal.status, str(refusal), prefix=environ.get("SCRIPT_NAME", ""))
    return failures.MEDIA_TYPE, answer.get_data()
