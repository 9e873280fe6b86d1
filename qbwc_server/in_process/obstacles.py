"""What stands in the way, for a host in the same process: listed, tried again, answered, let be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from qbwc_server.desk.deciding import answering, decisions, rulings
from qbwc_server.desk.deciding.choice_views import AnsweredView, ErrorInFullView, RulingView
from qbwc_server.desk.error_records import choices, errors
from qbwc_server.desk.error_records.errors import RetryOutcome
from qbwc_server.desk.handing_over import host
from qbwc_server.desk.views.base import ErrorView
from qbwc_server.in_process import asked
from qbwc_server.in_process.opened import ACTOR, PAGE, Opened


class Obstacles(Opened):
    """The part of `Connector` that is about error records."""

    def errors(self, **found_by: Any) -> Iterator[ErrorView]:
        """The open error records, the oldest first.

        Args:
            found_by: what is known of them: ``cause``, ``sub_reason``, ``actor`` (who must put them right: ``host``,
                ``staff``, ``quickbooks_user``), ``cause_key``, ``kind``, ``external_id``.

        Raises:
            InvalidInput: nothing can be found so.
        """
        narrowed = asked.narrowed(found_by)

        def all_of_them() -> Iterator[ErrorView]:
            after: int | None = 0
            while after is not None:
                page = host.error_records(
                    self._core, self.name, narrowed=narrowed, after_id=after, limit=PAGE
                )
                yield from map(ErrorView.of, page.items)
                after = page.end

        return all_of_them()

    def error(self, error_id: int) -> ErrorInFullView:
        """One error record, with its `choices` and the `token` that goes with them.

        Raises:
            NotFound: there is none.
        """
        return ErrorInFullView.whole(choices.of_error(self._core, self.name, error_id))

    def answer(
        self,
        error_id: int,
        choice: str,
        *,
        token: str | None = None,
        value: str | None = None,
        note: str | None = None,
    ) -> AnsweredView:
        """Carry out one of the choices of an error record, for everything behind its cause key.

        Args:
            choice: its id.
            token: the one that came with the choices somebody chose from, so that nobody chooses from what is not so
                any more; None: from what there is now.
            value: what the choice needs, if it needs anything.
            note: why, for the next person.

        Raises:
            NotFound: there is no such error record.
            InvalidInput: there is no such choice, or its value is missing or wrong.
            Conflict: something else may be chosen by now, or it is not possible.
        """
        token = self.error(error_id).token if token is None else token
        done = answering.answer(
            self._core, self.name, error_id, choice, token, value=value, note=note, actor=ACTOR
        )
        return AnsweredView.of(done)

    def retry_errors(self, ids: Sequence[int] = (), *, cause_key: str | None = None) -> RetryOutcome:
        """Try again what waits behind some error records, or behind a cause key.

        Raises:
            NotFound: there is no such open error record or key.
            TypeError: give either ids or a cause key.
        """
        if bool(ids) == (cause_key is not None):
            raise TypeError("give either ids or cause_key")
        return errors.retry(self._core, self.name, ids=list(ids), cause_key=cause_key, actor=ACTOR)

    def dismiss(self, error_id: int, note: str) -> ErrorInFullView:
        """Let an error record rest, with a note why: its record is cancelled, and nothing in QuickBooks touched.

        Raises:
            NotFound: there is no such open error record.
            InvalidInput: there is no note.
        """
        decisions.dismiss(self._core, self.name, error_id, note, actor=ACTOR)
        return self.error(error_id)

    def rulings(self) -> tuple[RulingView, ...]:
        """What people said for good of what could not be told, the oldest first."""
        return tuple(map(RulingView.of, rulings.every(self._core, self.name)))

    def take_back_ruling(self, ruling_id: int) -> RulingView:
        """Forget a ruling; what is in QuickBooks already stays as it is.

        Raises:
            NotFound: there is no such ruling.
        """
        return RulingView.of(rulings.take_back(self._core, self.name, ruling_id, actor=ACTOR))
