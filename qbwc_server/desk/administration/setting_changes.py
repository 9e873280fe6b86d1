"""That settings of a connector were changed is noted with their old and new values."""

from datetime import datetime

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.setting_changes import difference_in_words, differences
from qbwc_server.domain.settings import ConnectorSettings
from qbwc_server.storage import Transaction, events


def note(
    conn: Transaction, connector: Connector, wanted: ConnectorSettings, *, at: datetime, actor: str
) -> None:
    """Note what is another one now; a form that was saved as it was has changed nothing."""
    changes = differences(connector.settings, wanted)
    if changes:
        words = "; ".join(map(difference_in_words, changes))
        what = ConnectorHappening.SETTINGS_CHANGED
        events.add(conn, connector.id, what, at=at, actor=actor, detail=words, changes=changes)
