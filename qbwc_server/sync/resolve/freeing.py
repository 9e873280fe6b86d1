"""What waits behind a record or a key is to be looked at."""

from collections.abc import Iterable, Sequence

from qbwc_server.domain.records import Record
from qbwc_server.sync.check import (
    full_names,
)
from qbwc_server.sync.resolve.keys import link_key, reference_keys
from qbwc_server.sync.work import Work


def free(work: Work, keys: Iterable[str], *, actor: str) -> None:
    """What is blocked behind these cause keys is looked at, where a look at the cache can tell."""
    for key in keys:
        work.freed.setdefault(key, actor)


def free_dependants(work: Work, record: Record, *, actor: str) -> None:
    """What waits behind a record that was blocked is looked at: behind its keys, or because it refers to it."""
    if not record.kind.is_document:  # nothing refers to a document, so nothing waits behind one
        free(work, reference_keys(work, record), actor=actor)
        work.reached.setdefault(record.id, actor)


def free_all_dependants(work: Work, members: Sequence[Record], *, actor: str) -> None:
    """As `free_dependants`, of several."""
    listed = [record for record in members if not record.kind.is_document]
    for number, record in enumerate(listed, start=1):
        work.ask_each(lambda each: full_names(work.known, each), record, listed[number:])
        free_dependants(work, work.known.now(record), actor=actor)


def free_entry(work: Work, record: Record, *, actor: str) -> None:
    """A record has given up its link, or was withdrawn: those are looked at that would be linked to the same."""
    if record.link is not None:
        free(work, {link_key(record, record.link)}, actor=actor)
