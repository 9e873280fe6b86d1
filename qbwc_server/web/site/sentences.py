"""Sentences as people read them: a record by its number instead of the order system's id, and codes in one piece."""

import re
from collections.abc import Iterable
from functools import reduce

from flask import Flask
from markupsafe import Markup, escape

from qbwc_server.desk.documents.documents import Recognised
from qbwc_server.domain.kinds import Kind

LONGEST_PIECE = 20
"""Letters of a code that is never broken over two lines; a longer one may have no room on a phone."""

_CODE = re.compile(r"(?<![\w-])\w+(?:-\w+)+(?![\w-])")
_QUICKBOOKS_ID = re.compile(r" \((?:TxnID|ListID) [^()]*\)")


def of_this(text: str, kind: Kind, external_id: str) -> str:
    """What is said of a record, where it stands beside that record: `QuickBooks refused this invoice.`

    What QuickBooks calls it inside is left out.
    """
    told = _QUICKBOOKS_ID.sub("", text)
    told = re.sub(rf" of {_named(kind, external_id)}", "", told)
    return _renamed(told, kind, external_id, f"this {kind.label}")


def by_number(text: str, known: Recognised | None) -> str:
    """What is said of a record, with the number or name by which people know it."""
    name = known and (known.number if known.kind.is_document else known.party)
    if known is None or not name:
        return text
    return _renamed(text, known.kind, known.external_id, f"{known.kind.label} {name}")


def by_numbers(text: str, known: Iterable[Recognised]) -> str:
    """The same of several records."""
    return reduce(by_number, known, text)


def first_and_rest(text: str) -> tuple[str, str]:
    """What is said first, and what is said after it: a remedy begins with what to do; what else may be so is folded."""
    first, dot, rest = text.partition(". ")
    return f"{first}." if dot else first, rest.strip()


def in_one_piece(text: str) -> Markup:
    """A sentence whose codes (`OY-100`) do not break at their hyphens at the end of a line."""
    parts, end = [], 0
    for found in _CODE.finditer(text):
        code = found[0]
        if len(code) <= LONGEST_PIECE and any(map(str.isdigit, code)):
            parts += [
                escape(text[end : found.start()]),
                Markup('<span class="text-nowrap">{}</span>').format(code),
            ]
            end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _named(kind: Kind, external_id: str) -> str:
    return rf"{re.escape(f'{kind.label} {external_id}')}(?![\w-])"


def _renamed(text: str, kind: Kind, external_id: str, name: str) -> str:
    def as_there(found: re.Match[str]) -> str:
        return name[:1].upper() + name[1:] if found[0][:1].isupper() else name

    return re.sub(rf"\b{_named(kind, external_id)}", as_there, text, flags=re.IGNORECASE)


def install(app: Flask) -> None:
    """Make them known to the templates of `app`."""
    app.jinja_env.filters.update(
        of_this=of_this,
        by_number=by_number,
        by_numbers=by_numbers,
        first_and_rest=first_and_rest,
        in_one_piece=in_one_piece,
    )
