"""The lines of a document as QuickBooks holds them: which of them are the host's, and which are groups."""

from collections.abc import Sequence
from typing import Any

from qbwc_server.domain import changes
from qbwc_server.domain.records import PostedLine

Posted = tuple[PostedLine, ...]


def is_group(line: Any) -> bool:
    """Whether a line as QuickBooks answers it is an item group."""
    # a model that lacks an attribute takes long to say so
    return "item_group" in vars(line)


def of_answer(found: Sequence[Any], content: Any, known: Posted = ()) -> Posted:
    """The lines of a document as QuickBooks has just answered them.

    Args:
        found: all its lines, in QuickBooks' order.
        content: the host's document that QuickBooks was told; None of one that was not made from a sales order.
        known: what is known of its lines so far.
    """
    foreign = {line.txn_line_id for line in known if line.is_foreign}
    if not known:
        foreign = {line.txn_line_id for line in _taken_over(found, content)}
    return tuple(PostedLine(line.txn_line_id, is_group(line), line.txn_line_id in foreign) for line in found)


def still_there(found: Sequence[Any], content: Any, known: Posted) -> Posted:
    """What is left of the known lines; those of a document whose lines were never read are QuickBooks' lines in
    QuickBooks' order."""
    if not known:
        return of_answer(found, content)
    there = {line.txn_line_id: is_group(line) for line in found}
    return tuple(
        line._replace(is_group=there[line.txn_line_id]) if line.txn_line_id in there else PostedLine(None)
        for line in known
        if line.txn_line_id in there or not line.is_foreign
    )


def hosts_own(found: Sequence[Any], posted: Posted) -> list[Any]:
    """Those of the lines QuickBooks answered that are not taken over from a sales order."""
    foreign = {line.txn_line_id for line in posted if line.is_foreign}
    return [line for line in found if line.txn_line_id not in foreign]


def _taken_over(found: Sequence[Any], content: Any) -> Sequence[Any]:
    """The lines that stem from the sales order an invoice was made from: all before the host's own, unless those
    are plainly the first."""
    own = getattr(content, "lines", ())
    more = len(found) - len(own)
    if more <= 0 or not getattr(content, "link_to_txn_id", ()):
        return ()
    bare = [line.model_copy(update={"item": None}) for line in own]
    own_first = changes.lines_differ(bare, found[more:]) and not changes.lines_differ(bare, found[: len(own)])
    return found[len(own) :] if own_first else found[:more]
