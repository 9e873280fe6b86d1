"""The tables. Changing one here needs a new migration beside it; a test compares the two."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
)

from qbwc_server.storage.types import Cents, Moment, PackedText, PostedLines

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

connector = Table(
    "connector",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uuid", Uuid, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("username", Text, nullable=False, unique=True),
    Column("password_digest", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("file_id", Text, nullable=False, unique=True),
    Column("settings", JSON, nullable=False),
    Column("binding", JSON(none_as_null=True)),
    Column("paused", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_seen_at", Moment),
    Column("last_message_set", Text),
    Column("qbxml_version", Text),
    Column("product", Text),
    Column("country", Text),
    # how long QuickBooks takes over one request, for the size of the next message set
    Column("seconds_per_request", Float),
    Column("tidied_at", Moment),
    # documents that were posted are missing, so that those before them are asked for too
    Column("is_restored", Boolean, nullable=False),
    # the records synced last were asked for, and the answer has not been read to its end
    Column("is_verifying", Boolean, nullable=False),
    # seconds that the wall clock of QuickBooks' PC was ahead of UTC when it last wrote something for us
    Column("pc_offset", Integer),
    # requests that somebody has written themselves may be waiting
    Column("has_requests", Boolean, nullable=False, server_default=false()),
    # since when it is dead; its name and user name are those of nobody then, so that they may be given again
    Column("removed_at", Moment),
    # the hours of the week in which its Web Connector usually calls, as hexadecimal digits; NULL: not known
    Column("habit", Text),
)

# what happened on a day (of UTC), in numbers; kept longer than what they were counted from
connector_day = Table(
    "connector_day",
    metadata,
    Column("connector_id", ForeignKey("connector.id", ondelete="CASCADE"), primary_key=True),
    Column("day", Date, primary_key=True),
    # those in which the Web Connector called, as bits
    Column("hours", Integer, nullable=False),
    Column("visits", Integer, nullable=False),
    Column("visits_failed", Integer, nullable=False),
    Column("synced", Integer, nullable=False),
    Column("blocked", Integer, nullable=False),
    Column("errors_opened", Integer, nullable=False),
    Column("writes", Integer, nullable=False),
    Column("write_seconds", Float, nullable=False),
    Column("queue_most", Integer, nullable=False),
    # seconds
    Column("waited_most", Integer, nullable=False),
)


def _connector_id() -> Column[int]:
    return Column("connector_id", ForeignKey("connector.id", ondelete="CASCADE"), nullable=False)


def _index_where(name: str, where: str, *columns: str, unique: bool = False) -> Index:
    """An index of some of the rows. It is so on PostgreSQL, too, by the migrations: to name that here would have every
    process that only has SQLite import all the drivers there are."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where))


_HOLDS_AN_ENTRY = "state <> 'cancelled' AND quickbooks_id IS NOT NULL AND NOT is_surplus"

WAITS_FOR_LATER = "state = 'queued' AND (waiting > 0 OR not_before IS NOT NULL)"
"""Which queued records may have to wait, as their index has it: a query asks for them in these very words."""

record = Table(
    "record",
    metadata,
    Column("id", Integer, primary_key=True),
    _connector_id(),
    Column("kind", Text, nullable=False),
    Column("kind_rank", Integer, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("synced_revision", Integer),
    Column("content", JSON, nullable=False),
    # whose document it is, as it says: email:ap@x.example
    Column("party", Text),
    # what it comes to before tax, in whole cents, as it says; NULL where it leaves that to QuickBooks
    Column("amount", BigInteger),
    Column("priority", Integer, nullable=False),
    # how many records it waits for (rows of record_wait); 0 means it may be sent
    Column("waiting", Integer, nullable=False),
    Column("quickbooks_id", Text),
    # another record has what it is linked to: it is blocked until one of the two lets go
    Column("is_surplus", Boolean, nullable=False, server_default=false()),
    Column("edit_sequence", Text),
    Column("quickbooks_name", Text),
    Column("matched_by", Text),
    Column("proof", Text),
    Column("synced_content", JSON(none_as_null=True)),
    Column("line_ids", PostedLines, nullable=False),
    Column("needs_reading", Boolean, nullable=False),
    Column("is_void", Boolean, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("warnings", JSON, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Moment),
    # why it has to wait until then, in words for people
    Column("pause_reason", Text),
    Column("isolation", Text),
    Column("probed_session_id", Integer),
    # the TxnID a person says it is, until QuickBooks has shown it; and what it was said of
    Column("claimed_id", Text),
    Column("claim", JSON(none_as_null=True)),
    Column("linked_document", JSON(none_as_null=True)),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("version", BigInteger),
    Column("revised_at", Moment),
    # when QuickBooks itself showed or confirmed it last
    Column("seen_at", Moment),
    UniqueConstraint("connector_id", "kind", "external_id"),
    # the planner's look-up: what may be sent next, in the order of sending
    Index("ix_record_next", "connector_id", "state", "waiting", "kind_rank", "priority", "id"),
    # the few that are being isolated, found without looking through all that wait
    _index_where("ix_record_isolation", "isolation IS NOT NULL", "connector_id", "isolation"),
    # the few of which a person said what they are
    _index_where("ix_record_claim", "claimed_id IS NOT NULL", "connector_id", "claimed_id"),
    # those whose number was found to be free in a session, and that are yet to be sent
    Index("ix_record_probed", "connector_id", "probed_session_id", "state"),
    Index("ix_record_quickbooks_id", "connector_id", "kind", "quickbooks_id"),
    # the database is the referee: what QuickBooks holds belongs to one record of the host
    _index_where("uq_record_entry", _HOLDS_AN_ENTRY, "connector_id", "kind", "quickbooks_id", unique=True),
    # what the host pages through, the oldest change first, and what people page through, as it was handed over: of one
    # kind and state; of more than one these are read side by side
    Index("ix_record_changed", "connector_id", "kind", "state", "updated_at", "id"),
    Index("ix_record_listed", "connector_id", "kind", "state", "id"),
    Index("ix_record_created", "connector_id", "kind", "state", "created_at", "id"),
    _index_where(
        "ix_record_party", "party IS NOT NULL", "connector_id", "party", "kind", "state", "updated_at", "id"
    ),
    # what is queued and cannot go now, in the order of sending
    _index_where("ix_record_later", WAITS_FOR_LATER, "connector_id", "kind_rank", "id"),
    _index_where("ix_record_amount", "amount IS NOT NULL", "connector_id", "amount", "updated_at", "id"),
)

# what records are found by: words, and numbers as a whole (#so-1042) and from their end (~2401-os)
record_word = Table(
    "record_word",
    metadata,
    Column("connector_id", ForeignKey("connector.id", ondelete="CASCADE"), primary_key=True),
    # compared by its code points, so that an index finds what begins so
    Column("word", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),
    Column("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_record_word_record", "record_id", "word"),
    sqlite_with_rowid=False,
)

# how many records there are; kept by triggers of the database, so nothing else may write it
record_count = Table(
    "record_count",
    metadata,
    Column("connector_id", ForeignKey("connector.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("number", Integer, nullable=False),
)

record_key = Table(
    "record_key",
    metadata,
    Column("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    # what it is found by: email:a@b.example, sku:a-77, name:harbour fish
    Column("key", Text, primary_key=True),
    _connector_id(),
    Column("kind", Text, nullable=False),
    Index("ix_record_key_key", "connector_id", "kind", "key"),
)

record_wait = Table(
    "record_wait",
    metadata,
    Column("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("on_record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_record_wait_on", "on_record_id"),
)

# records to be looked at again, as something was changed that may have blocked them: what one transaction could not
# look at itself, for whoever comes next
record_look = Table(
    "record_look",
    metadata,
    Column("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    _connector_id(),
    # who is told to have released it, and which list's report is to count it
    Column("actor", Text, nullable=False),
    Column("list_name", Text),
    Index("ix_record_look_connector", "connector_id", "record_id"),
)

list_entry = Table(
    "list_entry",
    metadata,
    Column("connector_id", ForeignKey("connector.id", ondelete="CASCADE"), primary_key=True),
    Column("list_name", Text, primary_key=True),
    Column("list_id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("full_name", Text, nullable=False),
    # in the order of its code points, so that an index finds what begins so, and lists are read on in it
    Column("name_key", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("is_deleted", Boolean, nullable=False),
    Column("email", Text),
    Column("sku", Text),
    Column("sku_key", Text),
    Column("edit_sequence", Text),
    Column("external_guid", Text),
    Column("terms", Text),
    Column("account_number", Text),
    Column("account_number_key", Text),
    Column("barcode", Text),
    Column("barcode_key", Text),
    # of items only: the name without the parents', folded
    Column("own_name_key", Text),
    # of an item: sold or bought, or both; NULL where that was not asked
    Column("sides", Text),
    # what is only shown to people, of a customer or vendor; of a currency its code
    Column("city", Text),
    Column("phone", Text),
    Column("balance", Cents),
    Column("currency", Text),
    # when QuickBooks told a customer or vendor last
    Column("told_at", Moment),
    # the full load that last saw it, so that what a load did not see can be told as deleted
    Column("seen_in_load", Integer, nullable=False),
    Index("ix_list_entry_name", "connector_id", "list_name", "name_key"),
    Index("ix_list_entry_sku", "connector_id", "sku_key"),
    _index_where(
        "ix_list_entry_account_number",
        "account_number_key IS NOT NULL",
        "connector_id",
        "list_name",
        "account_number_key",
    ),
    _index_where("ix_list_entry_barcode", "barcode_key IS NOT NULL", "connector_id", "barcode_key"),
    _index_where("ix_list_entry_own_name", "own_name_key IS NOT NULL", "connector_id", "own_name_key"),
)

list_email = Table(
    "list_email",
    metadata,
    Column("connector_id", ForeignKey("connector.id", ondelete="CASCADE"), primary_key=True),
    Column("list_name", Text, primary_key=True),
    Column("email_key", Text, primary_key=True),
    Column("list_id", Text, primary_key=True),
    Index("ix_list_email_list_id", "connector_id", "list_name", "list_id"),
)

# the words of entries' names but for the first, by which a search finds what does not begin so
entry_word = Table(
    "entry_word",
    metadata,
    Column("connector_id", ForeignKey("connector.id", ondelete="CASCADE"), primary_key=True),
    # compared by its code points, so that an index finds what begins so
    Column("word", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),
    Column("list_name", Text, primary_key=True),
    Column("list_id", Text, primary_key=True),
    sqlite_with_rowid=False,
)

list_load = Table(
    "list_load",
    metadata,
    Column("connector_id", ForeignKey("connector.id", ondelete="CASCADE"), primary_key=True),
    Column("list_name", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    # full or changes, while a load is going on; else NULL
    Column("running", Text),
    Column("iterator_id", Text),
    Column("session_id", Integer),
    Column("loaded_at", Moment),
    Column("not_before", Moment),
    Column("resync_requested_at", Moment),
    # a person asked for the Resync: when the last such list has been loaded, whatever is blocked is looked at again
    Column("is_persons", Boolean, nullable=False, server_default=false()),
    # the latest TimeModified that a finished load has seen, in the wall clock of the QuickBooks PC
    Column("high_water", Text),
    Column("resume_after", Text),
    Column("is_resumed", Boolean, nullable=False),
    Column("expected", Integer),
    Column("left_to_tell", Integer),
    Column("changes", JSON, nullable=False),
    # how often in a row QuickBooks refused it, and its own words
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("refusal", Text),
    # the elements that the latest full load asked for; NULL when that was not noted yet
    Column("fields", JSON(none_as_null=True)),
    # by our clock: the begin of the load that is running, of the last one that was finished, of the last full one
    Column("began_at", Moment),
    Column("read_from", Moment),
    Column("fully_loaded_at", Moment),
    # the latest TimeModified that the running load has seen; high_water when it is finished
    Column("newest", Text),
    # how many living entries the list has
    Column("entries", Integer, nullable=False, server_default="0"),
)

IS_FAILED = "(has_refusal OR quarantined OR connection_errors > 0 OR last_error <> '')"
"""Which visits did not go as they should; a query that asks for it in these very words is answered by their index."""

session = Table(
    "session",
    metadata,
    Column("id", Integer, primary_key=True),
    _connector_id(),
    Column("ticket_digest", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("last_call_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("end_reason", Text),
    Column("qbxml_version", Text),
    Column("country", Text),
    Column("quarantined", Boolean, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("connection_errors", Integer, nullable=False),
    # where the Web Connector called from
    Column("address", Text),
    # QuickBooks refused one of its requests, or a message set as a whole
    Column("has_refusal", Boolean, nullable=False, server_default=false()),
    Index("ix_session_connector", "connector_id", "id"),
    Index("ix_session_opened", "connector_id", "opened_at", "id"),
    # the few in which something failed
    _index_where("ix_session_failed", IS_FAILED, "connector_id", "id"),
    # the database is the referee: at most one live session per connector
    _index_where("uq_session_live", "state = 'open'", "connector_id", unique=True),
)

HAS_TEXT = "length(text) > 8"
"""Which message sets still have their text, as their index has it: packed, no text at all is 8 bytes long."""

message_set = Table(
    "message_set",
    metadata,
    Column("id", Integer, primary_key=True),
    _connector_id(),
    Column("session_id", ForeignKey("session.id", ondelete="CASCADE"), nullable=False),
    Column("state", Text, nullable=False),
    Column("name", Text, unique=True),
    Column("writes", Boolean, nullable=False),
    Column("resent", Boolean, nullable=False),
    Column("text", PackedText, nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("progress", Integer),
    Column("hresult", Text),
    Column("hresult_message", Text),
    Column("status_code", Integer),
    Column("response", PackedText),
    Index("ix_message_set_session", "session_id", "id"),
    Index("ix_message_set_state", "connector_id", "state"),
    _index_where("ix_message_set_text", HAS_TEXT, "connector_id", "sent_at"),
    _index_where("uq_message_set_unanswered", "state = 'sent'", "session_id", unique=True),
)

request = Table(
    "request",
    metadata,
    Column("id", Text, primary_key=True),
    Column("message_set_id", ForeignKey("message_set.id", ondelete="CASCADE"), nullable=False),
    _connector_id(),
    Column("position", Integer, nullable=False),
    Column("operation", Text, nullable=False),
    Column("record_id", ForeignKey("record.id", ondelete="CASCADE")),
    Column("revision", Integer),
    Column("data", JSON, nullable=False),
    Column("settled", Boolean, nullable=False),
    # its answer was lost, and QuickBooks said that it does not hold what it wrote
    Column("absent", Boolean, nullable=False),
    Column("status_code", Integer),
    Column("status_severity", Text),
    Column("status_message", Text),
    Index("ix_request_message_set", "message_set_id", "position"),
    Index("ix_request_record", "record_id"),
)

_OPEN, _CLOSED = "closed_at IS NULL", "closed_at IS NOT NULL"
_OPEN_OF_CONNECTOR = "record_id IS NULL AND refused_kind IS NULL AND closed_at IS NULL"
_REFUSED = "refused_kind IS NOT NULL"

error = Table(
    "error",
    metadata,
    Column("id", Integer, primary_key=True),
    _connector_id(),
    Column("record_id", ForeignKey("record.id", ondelete="CASCADE")),
    # of its record, or of what was refused; NULL of a connector as a whole
    Column("kind", Text),
    # the record that is itself blocked, when this one only refers to it
    Column("via_record_id", ForeignKey("record.id", ondelete="CASCADE")),
    Column("cause", Text, nullable=False),
    # a finer word than the cause
    Column("sub_reason", Text),
    Column("cause_key", Text, nullable=False),
    # the cause key folded for look-ups: SKUs and names are compared without regard to case
    Column("folded_key", Text, nullable=False),
    Column("data", JSON, nullable=False),
    # who must act
    Column("actor", Text, nullable=False, server_default="staff"),
    Column("quickbooks_code", Text),
    Column("quickbooks_severity", Text),
    Column("quickbooks_message", Text),
    Column("opened_at", Moment, nullable=False),
    # of a connector as a whole: how often it happened, when last (NULL: when it was opened), and from which address
    Column("times", Integer, nullable=False, server_default="1"),
    Column("last_at", Moment),
    Column("address", Text),
    # of what the host was refused: the record, which need not exist; its newest refusal is one row
    Column("refused_kind", Text),
    Column("refused_id", Text),
    Column("closed_at", Moment),
    Column("close_reason", Text),
    # when a look at cache and settings last found it, and by which version of this server; NULL: QuickBooks found it
    Column("looked_at", Moment),
    Column("looked_by", Text),
    # the database is the referee: what concerns a connector as a whole, and each raw write that was lost, is open once
    _index_where(
        "uq_error_connector_cause", _OPEN_OF_CONNECTOR, "connector_id", "cause", "cause_key", unique=True
    ),
    _index_where("uq_error_refused", _REFUSED, "connector_id", "refused_kind", "refused_id", unique=True),
    Index("ix_error_key", "connector_id", "folded_key"),
    Index("ix_error_record", "record_id"),
    Index("ix_error_via_record", "via_record_id"),
    _index_where("ix_error_open", _OPEN, "connector_id", "id"),
    _index_where("ix_error_open_of_cause", _OPEN, "connector_id", "cause", "id"),
    _index_where("ix_error_open_of_record", _OPEN, "connector_id", "record_id"),
    _index_where("ix_error_open_together", _OPEN, "connector_id", "cause", "cause_key", "id"),
    # the first and the last of a cause and finer word
    _index_where("ix_error_open_of_word", _OPEN, "connector_id", "cause", "sub_reason", "id"),
    _index_where("ix_error_open_of_actor", _OPEN, "connector_id", "actor", "id"),
    _index_where("ix_error_open_of_sub_reason", _OPEN, "connector_id", "sub_reason", "id"),
    _index_where("ix_error_open_of_kind", _OPEN, "connector_id", "kind", "id"),
    _index_where("ix_error_closed_of_kind", _CLOSED, "connector_id", "kind", "id"),
    _index_where("ix_error_closed", _CLOSED, "connector_id", "id"),
    _index_where("ix_error_closed_of_cause", _CLOSED, "connector_id", "cause", "id"),
)

# how many error records are open, and how many groups of them; kept by triggers of the database, so nothing else may
# write it
error_count = Table(
    "error_count",
    metadata,
    Column("connector_id", ForeignKey("connector.id", ondelete="CASCADE"), primary_key=True),
    Column("cause", Text, primary_key=True),
    # "": they have none
    Column("sub_reason", Text, primary_key=True),
    Column("actor", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    # those of this actor that began with this finer word
    Column("groups", Integer, nullable=False),
)

# the open error records with one cause and cause key; kept by triggers of the database, so nothing else may write it
error_group = Table(
    "error_group",
    metadata,
    Column("connector_id", ForeignKey("connector.id", ondelete="CASCADE"), primary_key=True),
    # those that somebody must put right; "": all of them
    Column("actor", Text, primary_key=True),
    Column("cause", Text, primary_key=True),
    Column("cause_key", Text, primary_key=True),
    # minus how many there are: an index read forward gives the longest first, and of equals the oldest
    Column("minus", Integer, nullable=False),
    # the error record with which it began, and the finer word of that; "": it had none
    Column("since_id", Integer, nullable=False),
    Column("sub_reason", Text, nullable=False, server_default=text("''")),
    Index("ix_error_group_longest", "connector_id", "actor", "minus", "since_id"),
    Index(
        "ix_error_group_longest_of_word",
        "connector_id",
        "actor",
        "cause",
        "sub_reason",
        "minus",
        "since_id",
    ),
    Index("ix_error_group_since", "connector_id", "actor", "since_id"),
    Index("ix_error_group_since_of_cause", "connector_id", "actor", "cause", "since_id"),
)

# what people agreed about an error group, which outlives the group for a while
group_care = Table(
    "group_care",
    metadata,
    Column("connector_id", ForeignKey("connector.id", ondelete="CASCADE"), primary_key=True),
    Column("cause", Text, primary_key=True),
    Column("cause_key", Text, primary_key=True),
    # the name of a user of the site
    Column("assignee", Text),
    # until when it sleeps, and what it was when somebody put it to sleep
    Column("snoozed_until", Moment),
    Column("snoozed_by", Text),
    Column("snoozed_number", Integer, nullable=False),
    Column("snoozed_kinds", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

group_note = Table(
    "group_note",
    metadata,
    Column("id", Integer, primary_key=True),
    _connector_id(),
    Column("cause", Text, nullable=False),
    Column("cause_key", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_group_note_group", "connector_id", "cause", "cause_key", "id"),
)

# what a person did, and whatever a host did to a connector as a whole; a query that asks for it in these very words is
# answered by the index of them
IS_DEED = (
    "actor <> 'server' AND actor <> 'quickbooks' "
    "AND (record_id IS NULL OR (actor <> 'host' AND substr(actor, 1, 6) <> 'host ('))"
)

IS_SYNCED = "to_state = 'synced'"
"""Which events tell of a record that came to be in QuickBooks, as its index has it."""

event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    _connector_id(),
    Column("record_id", ForeignKey("record.id", ondelete="CASCADE")),
    Column("at", Moment, nullable=False),
    # the default is that of what a former version noted
    Column("type", Text, nullable=False, server_default="connector.other"),
    Column("what", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text),
    Column("revision", Integer),
    Column("actor", Text, nullable=False),
    Column("detail", Text),
    # what was true then
    Column("data", JSON(none_as_null=True)),
    Index("ix_event_connector", "connector_id", "id"),
    Index("ix_event_record", "record_id", "id"),
    Index("ix_event_type", "connector_id", "type", "id"),
    # a part of the log between two days
    Index("ix_event_at", "connector_id", "at", "id"),
    # the few that are people's deeds, of one connector and of all
    _index_where("ix_event_deed", IS_DEED, "connector_id", "id"),
    # what came to be in QuickBooks, so that a visit's part of it is counted without reading all that happened in it
    _index_where("ix_event_synced", IS_SYNCED, "connector_id", "at"),
    _index_where("ix_event_deed_of_all", IS_DEED, "id"),
)

# one row, of id 1
installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True),
    # a keyed digest of a constant: tells whether a secrets file is the one this database belongs to
    Column("key_fingerprint", Text, nullable=False),
)

user = Table(
    "user",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    # stands in every cookie of the user; another one ends all sessions
    Column("session_stamp", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_sign_in_at", Moment),
    # since when they may not sign in; NULL: they may
    Column("disabled_at", Moment),
)

# what an admin decided that support may do; what is not here is as `domain.rights` has it
support_right = Table(
    "support_right",
    metadata,
    Column("name", Text, primary_key=True),
    Column("is_allowed", Boolean, nullable=False),
)

# by which a user gives themselves a password, once; an admin hands it over
password_link = Table(
    "password_link",
    metadata,
    Column("user_id", ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("expires_at", Moment, nullable=False),
)

# links for the person at the QuickBooks PC, who has no account: at most one a connector is good
onboarding = Table(
    "onboarding",
    metadata,
    Column("id", Integer, primary_key=True),
    _connector_id(),
    Column("digest", Text, nullable=False, unique=True),
    Column("made_by", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    # it was taken back, or a newer one, a full reset or the removal of the connector ended it
    Column("ended_at", Moment),
    Column("opened_at", Moment),
    Column("downloaded_at", Moment),
    # when the password was asked for: it is shown once
    Column("password_at", Moment),
    # when they would have it run, in their words
    Column("hours", JSON(none_as_null=True)),
    Column("hours_changes", Integer, nullable=False),
    Index("ix_onboarding_connector_id", "connector_id"),
)

# what people did that belongs to no connector, or outlives it
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("detail", Text),
    # what was changed, old and new
    Column("data", JSON(none_as_null=True)),
    # of what comes in a run: how often, and when last (NULL: once)
    Column("times", Integer, nullable=False, server_default="1"),
    Column("last_at", Moment),
)

setup_token = Table(
    "setup_token",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Integer, primary_key=True),
    # NULL: it opens every connector
    Column("connector_id", ForeignKey("connector.id", ondelete="CASCADE")),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
    Column("scope", Text, nullable=False, server_default="manage"),
    Column("expires_at", Moment),
    # the name of a revoked key is free again, so that a key can be replaced by its successor; a connector's names
    # are its own, so that nobody learns of another's
    _index_where("uq_api_key_name", "revoked_at IS NULL", "connector_id", "name", unique=True),
    _index_where(
        "uq_api_key_name_of_all", "revoked_at IS NULL AND connector_id IS NULL", "name", unique=True
    ),
)

login_failure = Table(
    "login_failure",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", Text, nullable=False),
    # a digest of the user name
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_login_failure_address", "address", "at"),
    Index("ix_login_failure_at", "at"),
)

# where events of a connector are sent to, and how far that has come: every event up to after_id was delivered, or is
# noted in webhook_behind
webhook = Table(
    "webhook",
    metadata,
    Column("id", Integer, primary_key=True),
    _connector_id(),
    Column("url", Text, nullable=False),
    Column("types", JSON, nullable=False),
    Column("allow_private", Boolean, nullable=False),
    # what its secret is derived from with the key of the installation, and the one before while that is valid
    Column("salt", Text, nullable=False),
    Column("old_salt", Text),
    Column("old_until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("after_id", Integer, nullable=False),
    # counts how often somebody moved after_id
    Column("epoch", Integer, nullable=False),
    # how often in a row nothing came through, since when, and until when nothing is tried
    Column("attempts", Integer, nullable=False),
    Column("failing_since", Moment),
    Column("not_before", Moment),
    Column("disabled_at", Moment),
    Column("disabled_reason", Text),
    # which courier delivers to it at the moment, and until when it may
    Column("claimed_by", Text),
    Column("claimed_until", Moment),
    Index("ix_webhook_connector", "connector_id", "id"),
)

# a record whose next event an endpoint did not take, so that its later ones wait
webhook_behind = Table(
    "webhook_behind",
    metadata,
    Column("webhook_id", ForeignKey("webhook.id", ondelete="CASCADE"), primary_key=True),
    # the record; 0: what concerns the connector as a whole
    Column("lane", Integer, primary_key=True),
    _connector_id(),
    Column("event_id", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("since", Moment),
    Column("not_before", Moment, nullable=False),
    Index("ix_webhook_behind_next", "webhook_id", "not_before", "event_id"),
)

# what was sent to an endpoint, and what a person wants to be sent
webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    _connector_id(),
    Column("webhook_id", ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False),
    # NULL: a test
    Column("event_id", Integer),
    Column("message_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("body", PackedText, nullable=False),
    Column("attempt", Integer, nullable=False),
    # who asked for it; NULL: it was sent by itself
    Column("wanted_by", Text),
    Column("at", Moment, nullable=False),
    # NULL: it is yet to be sent
    Column("duration_ms", Integer),
    Column("status", Integer),
    Column("answer", Text),
    Column("failure", Text),
    Column("next_try_at", Moment),
    Index("ix_webhook_delivery_webhook", "webhook_id", "id"),
    Index("ix_webhook_delivery_connector", "connector_id", "at"),
    _index_where("ix_webhook_delivery_wanted", "duration_ms IS NULL", "webhook_id", "id"),
)

# requests that somebody has written in qbXML themselves
raw_request = Table(
    "raw_request",
    metadata,
    Column("id", Integer, primary_key=True),
    _connector_id(),
    Column("name", Text, nullable=False),
    Column("writes", Boolean, nullable=False),
    Column("follow", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("text", PackedText, nullable=False),
    Column("actor", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("answered_at", Moment),
    # the requestID of the sending whose answer counts
    Column("request_id", Text),
    # the visit in which its iterator lives
    Column("session_id", Integer),
    Column("iterator_id", Text),
    Column("tries", Integer, nullable=False),
    Column("alone", Boolean, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("status_code", Integer),
    Column("status_severity", Text),
    Column("status_message", Text),
    Column("problem", Text),
    Index("ix_raw_request_connector", "connector_id", "id"),
    _index_where("ix_raw_request_waiting", "state IN ('queued', 'sent')", "connector_id", "id"),
)

# the answer to such a request, page by page
raw_page = Table(
    "raw_page",
    metadata,
    Column("raw_request_id", ForeignKey("raw_request.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _connector_id(),
    Column("text", PackedText, nullable=False),
)

# what hosts call their POSTs, so that one that comes again is not done again; it goes after a day
idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("api_key_id", ForeignKey("api_key.id", ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True),
    # of the address and the body
    Column("digest", Text, nullable=False),
    Column("claimed_at", Moment, nullable=False),
    # an answer that is not there by then does not come
    Column("under_way_until", Moment, nullable=False),
    # NULL: not answered yet
    Column("status", Integer),
    Column("etag", Text),
    # NULL with a status: it was not kept
    Column("answer", PackedText),
    Index("ix_idempotency_key_claimed_at", "claimed_at"),
)

# work that nobody calls for: one process at a time claims it
errand = Table(
    "errand",
    metadata,
    Column("name", Text, primary_key=True),
    Column("claimed_at", Moment, nullable=False),
)

# what was answered to an error record, by whom; the newest answer of each
answer = Table(
    "answer",
    metadata,
    Column("error_id", ForeignKey("error.id", ondelete="CASCADE"), primary_key=True),
    _connector_id(),
    Column("choice", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_answer_connector", "connector_id", "error_id"),
)

# what a person said is meant where it could not be told; without a ListID: none is, so it is to be created
ruling = Table(
    "ruling",
    metadata,
    Column("id", Integer, primary_key=True),
    _connector_id(),
    Column("list_name", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("folded_key", Text, nullable=False),
    Column("list_id", Text),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("uq_ruling_key", "connector_id", "list_name", "folded_key", unique=True),
    # whoever takes one back twice does not take back another one that got its id
    sqlite_autoincrement=True,
)
