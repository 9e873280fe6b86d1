"""How a connector stands, for a host in the same process: paused, resumed, its lists loaded anew, its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.standing import queue, standing_views
from qbwc_server.desk.standing.connector_views import ConnectorView, settings_of
from qbwc_server.desk.standing.standing_views import CountsView, QueueView
from qbwc_server.in_process.opened import ACTOR, Opened

_QUEUE_AT_ONCE = 20


class Standing(Opened):
    """The part of `Connector` that is about the connector itself."""

    def status(self) -> ConnectorView:
        """How it stands, as the API shows it: its health, when the Web Connector was seen last, the queue, the age of
        the list cache, what is wrong with it."""
        return ConnectorView.whole(overview.health(self._core, self.name), self._core.clock())

    def counts(self) -> CountsView:
        """How many records there are of each kind in each state, and open error records of each cause."""
        return standing_views.counts(self._core, self.name)

    def queue(self, limit: int = _QUEUE_AT_ONCE) -> QueueView:
        """What waits for QuickBooks: on its way, next, and later with the reason; so many of each."""
        return QueueView.of(queue.queue(self._core, self.name, limit=limit))

    def pause(self) -> None:
        """Let its Web Connector find nothing to do, until `resume`; records may be handed over all the while."""
        connectors.pause(self._core, self.name, actor=ACTOR)

    def resume(self) -> None:
        """Let its Web Connector go on."""
        connectors.resume(self._core, self.name, actor=ACTOR)

    def resync(self) -> bool:
        """Have QuickBooks' lists loaded anew at the next visit; False: one was asked for and waits already."""
        return connectors.resync(self._core, self.name, actor=ACTOR) is None

    def settings(self) -> Mapping[str, Any]:
        """Its settings by name."""
        return settings_of(connectors.get(self._core, self.name))

    def change_settings(self, **values: Any) -> Mapping[str, Any]:
        """Set some of its settings; all of them as they are then.

        Raises:
            InvalidInput: there is no such setting, a value does not fit, or QuickBooks has no such account or terms;
                nothing is set.
        """
        changed = connectors.change_settings(self._core, self.name, values, actor=ACTOR)
        return settings_of(changed)
