"""Of an entry less is written: neither the word its name begins with, nor in an index which load has seen it.

How far a load has come is told by what QuickBooks says is left. Both were written for every entry of a list that is
read for the first time, and the latter for every entry of any that is read again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("list_load", sa.Column("left_to_tell", sa.Integer()))
    op.execute(
        sa.text(
            "UPDATE list_load SET left_to_tell = expected - (SELECT count(*) FROM list_entry "
            "WHERE list_entry.connector_id = list_load.connector_id "
            "AND list_entry.list_name = list_load.list_name "
            "AND list_entry.seen_in_load = list_load.number) WHERE running = 'full'"
        )
    )
    op.drop_index("ix_list_entry_seen", "list_entry")
    op.execute(
        sa.text(
            "DELETE FROM entry_word WHERE EXISTS (SELECT 1 FROM list_entry "
            "WHERE list_entry.connector_id = entry_word.connector_id "
            "AND list_entry.list_name = entry_word.list_name AND list_entry.list_id = entry_word.list_id "
            "AND substr(list_entry.name_key, 1, length(entry_word.word)) = entry_word.word)"
        )
    )
