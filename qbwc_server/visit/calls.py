"""The Web Connector's calls, each one transaction, committed before the answer leaves.

All state is in the database, so any process can serve the next call, and a repeated call gets the same answer
(Web Connector Programmer's Guide, chapters 2 and 5).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from qbwc_server import __version__
from qbwc_server.domain.causes import QuickbooksUnreachable
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.sessions import FINISHED, NOTHING_TO_DO, Session, SessionState, ticket_digest
from qbwc_server.storage import Transaction, connectors, gathering, sessions
from qbwc_server.sync import connector_errors, resolve, session_ends
from qbwc_server.sync.core import Core
from qbwc_server.visit import answers, login, pace, planner, refusals, to_do
from qbwc_server.visit.introduction import Introduction, introduced
from qbxml import status

log = logging.getLogger(__name__)

DONE = "done"
MOST_CONNECTION_RETRIES = 2
"""The Web Connector would loop for ever if it were told to try again every time (Programmer's Guide)."""


class WebConnectorCalls:
    """Intuit's eleven methods, in terms of sessions and message sets. Arguments that are absent arrive as ""."""

    def __init__(self, core: Core) -> None:
        self._core = core

    # --- before the session ---------------------------------------------------------------------------------

    def server_version(self, client_version: str | None = None) -> str:
        """Our version, shown in the Web Connector's "More information"."""
        return f"qbwc-server {__version__}"

    def client_version(self, version: str) -> str:
        """Every version of the Web Connector is welcome: ""."""
        return ""

    def authenticate(self, username: str, password: str, *, address: str) -> tuple[str, ...]:
        """Open a session: (ticket, company file), or (ticket, ``none``/``nvu``/``busy`` …)."""
        return login.authenticate(self._core, username, password, address=address)

    # --- the session ----------------------------------------------------------------------------------------

    @contextmanager
    def _session(self, ticket: str) -> Iterator[tuple[Transaction, Connector, Session] | None]:
        """The session of a ticket, its connector locked, in one transaction; None for a ticket we never gave."""
        with self._core.database.begin() as conn:
            digest = ticket_digest(ticket)
            connector = connectors.lock_of_ticket(conn, digest) if ticket else None
            session = sessions.by_ticket(conn, digest) if connector is not None else None
            if connector is None or session is None:
                yield None
                return
            now = self._core.clock()
            connectors.see(conn, connector, now=now)
            if (
                session.state is SessionState.OPEN
                and session.last_call_at + self._core.limits.ticket_life < now
            ):
                session_ends.end_session(conn, connector, session, "no call for too long", now=now)
                session = replace(session, state=SessionState.CLOSED)
            sessions.change(conn, session.id, last_call_at=now)
            yield conn, connector, session

    def send_request_xml(
        self,
        ticket: str,
        hcp_response: str,
        company_file_name: str,
        country: str,
        major: int | None,
        minor: int | None,
    ) -> str:
        """The next message set, or "" when there is none (then getLastError says why)."""
        with self._session(ticket) as found:
            if found is None:
                return ""
            conn, connector, session = found
            if session.state is not SessionState.OPEN:
                return _say(conn, session, "This session is over; the next one goes on.")
            unanswered = sessions.unanswered(conn, session.id)
            if unanswered is not None:
                return unanswered.text
            if session.qbxml_version is None:
                told = Introduction(hcp_response, company_file_name, country, major, minor)
                met = introduced(conn, connector, session, told, now=self._core.clock())
                if met is None:
                    return ""
                connector, session = met
            if session.quarantined:
                return _say(conn, session, "Another company file is open than this connection belongs to.")
            resolve.take_up(conn, connector, now=self._core.clock())
            now = self._core.clock()
            return planner.next_set(conn, connector, session, self._core.limits, now=now).text

    def receive_response_xml(self, ticket: str, response: str, hresult: str, message: str) -> int:
        """Take the answer to a message set: percent done, 100 when there is no more, negative on trouble."""
        with self._session(ticket) as found:
            if found is None:
                return -1
            conn, connector, session = found
            with gathering.gathered(conn):
                if hresult.strip():
                    return self._refused(conn, connector, session, hresult.strip(), message)
                return self._read(conn, connector, session, response)

    def _read(self, conn: Transaction, connector: Connector, session: Session, response: str) -> int:
        now = self._core.clock()
        try:
            answered = answers.absorb(conn, connector, session, response, now=now)
        except answers.Unreadable as error:
            return self._unreadable(conn, connector, session, error)
        if not answered:
            return self._repeated(conn, session)
        for message_set in answered:
            pace.learn_pace(conn, connector, message_set, self._core.limits, now=now)
            if message_set.writes:
                # kept for whoever asks what QuickBooks said; a page of a list is in the cache already
                sessions.change_set(conn, message_set.id, response=response)
        connector_errors.quickbooks_answered(conn, connector, session, now=now)
        return self._go_on(conn, connector, session)

    def _go_on(self, conn: Transaction, connector: Connector, session: Session) -> int:
        now = self._core.clock()
        percent = 100
        resolve.take_up(conn, connector, now=now)
        if session.state is SessionState.OPEN:
            percent = to_do.progress(conn, connectors.get(conn, connector.id), session, now=now)
        answered_id = sessions.newest_set(conn, session.id)
        if answered_id is not None:
            self._answered(conn, answered_id, percent)
        return percent

    def _answered(self, conn: Transaction, set_id: int, progress: int) -> None:
        """Keep what was said to an answer, to say it again should the call be repeated."""
        sessions.change_set(conn, set_id, progress=progress, answered_at=self._core.clock())

    def _repeated(self, conn: Transaction, session: Session) -> int:
        """An answer that answers nothing new: what was said to it the first time is said again."""
        before = sessions.newest_answered(conn, session.id)
        if before is not None and before.progress is not None:
            return before.progress
        _say(conn, session, "That was not the answer to what was asked; the next session goes on.")
        return -1

    def _unreadable(
        self, conn: Transaction, connector: Connector, session: Session, problem: answers.Unreadable
    ) -> int:
        """A broken answer: what could be read of it was taken, the rest is looked for in the next session."""
        # its words alone: with the exception a handler that keeps records would keep the answer, too
        log.warning("connector %s: an answer could not be read: %s", connector.name, str(problem))
        now = self._core.clock()
        unanswered = sessions.unanswered(conn, session.id)
        if unanswered is not None:
            session_ends.lose_answer(conn, connector, unanswered, now=now)
            self._answered(conn, unanswered.id, -1)
        advice = (
            f"Its answer could not be read: {problem}. What it was about is asked for again. {problem.advice}"
        )
        cause = QuickbooksUnreachable(advice, was_reached=True)
        connector_errors.happened(conn, connector, cause, now=now, address=session.address)
        why = f": {problem}" if isinstance(problem, answers.OverLimit) else ""
        _say(
            conn,
            session,
            f"The answer could not be read{why}; the next session checks what QuickBooks holds.",
        )
        return -1

    def _refused(
        self, conn: Transaction, connector: Connector, session: Session, hresult: str, message: str
    ) -> int:
        unanswered = sessions.unanswered(conn, session.id)
        if unanswered is None:
            return self._repeated(conn, session)
        now = self._core.clock()
        if refusals.refuse_set(
            conn, connector, unanswered, hresult, message, now=now, address=session.address
        ):
            return self._go_on(conn, connector, session)
        _say(conn, session, status.hresults.get(hresult).remedy)
        self._answered(conn, unanswered.id, -1)
        return -1

    # --- trouble and the end --------------------------------------------------------------------------------

    def connection_error(self, ticket: str, hresult: str, message: str) -> str:
        """QuickBooks could not be opened: try again with the company file at most twice, then stop."""
        with self._session(ticket) as found:
            if found is None:
                return DONE
            conn, connector, session = found
            now = self._core.clock()
            known = status.hresults.get(hresult)
            answer = QuickBooksAnswer(hresult or "unknown", None, message or None)
            cause = QuickbooksUnreachable(known.remedy)
            connector_errors.happened(conn, connector, cause, answer, now=now, address=session.address)
            tries = session.connection_errors + 1
            sessions.change(conn, session.id, connection_errors=tries)
            may_help = known.retry is status.Retry.TRANSIENT and connector.company_file is not None
            if may_help and tries <= MOST_CONNECTION_RETRIES and session.state is SessionState.OPEN:
                return connector.company_file or DONE
            _say(conn, session, known.remedy)
            if session.state is SessionState.OPEN:
                session_ends.end_session(
                    conn, connector, session, f"QuickBooks could not be opened ({hresult})", now=now
                )
            return DONE

    def get_last_error(self, ticket: str) -> str:
        """The sentence that goes with the last "" or negative answer."""
        with self._session(ticket) as found:
            if found is None:
                return "This session is not known here; the next one goes on."
            return found[2].last_error or NOTHING_TO_DO

    def save_last_error(self, ticket: str, sentence: str) -> None:
        """Keep a sentence for getLastError."""
        with self._session(ticket) as found:
            if found is not None:
                _say(found[0], found[2], sentence)

    def close_connection(self, ticket: str) -> str:
        """End the session; the answer is shown in the Web Connector's Status column."""
        with self._session(ticket) as found:
            if found is None:
                return "OK"
            conn, connector, session = found
            if session.state is SessionState.OPEN:
                session_ends.end_session(
                    conn, connector, session, session.last_error or FINISHED, now=self._core.clock()
                )
            sets, synced = sessions.work_of(conn, sessions.by_ticket(conn, ticket_digest(ticket)) or session)
            return f"OK: {synced} synced in {sets} exchange{'' if sets == 1 else 's'}"

    # --- interactive mode, which this server never asks for ---------------------------------------------------

    def get_interactive_url(self, ticket: str, session_id: str) -> str:
        """The address of our support page."""
        return self._core.public_url.rstrip("/") + "/support"

    def interactive_rejected(self, ticket: str, reason: str) -> str:
        """What is shown when the user would not open it."""
        return "Nothing to do in a browser."

    def interactive_done(self, ticket: str) -> str:
        """Done at once."""
        return "Done"


def _say(conn: Transaction, session: Session, sentence: str) -> str:
    """Keep a sentence for getLastError; returns the "" that makes the Web Connector ask for it."""
    sessions.change(conn, session.id, last_error=sentence)
    return ""
