"""How a field is declared: one line says its element, type, length, where it occurs, since when and for whom.

The declaration is read three times: pydantic makes JSON into a record with it, `qbxml.encode` writes the
record as qbXML, `qbxml.decode` reads qbXML back. The order of the lines is the order of the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pydantic import Field

from qbxml import datatypes as dt
from qbxml.versions import Version

if TYPE_CHECKING:
    from qbxml.record import Record


class Shape(IntEnum):
    """The three forms a record has on the wire. Query selectors use ADD."""

    ADD = 0
    MOD = 1
    RET = 2


NOWHERE: frozenset[str] = frozenset(("US", "CA", "UK", "AU"))
"""`not_in` of elements the schema keeps for QuickBooks Online: legal for a validator, refused by Desktop."""

OUTSIDE_US: frozenset[str] = frozenset(("US",))
"""`not_in` of elements only the Canadian, British and Australian editions have."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An xsd:choice: fields of the same group exclude each other unless they share a branch.

    `needed` are the shapes in which one branch must be given; `shapes` those in which the choice exists at
    all; `inside` is the branch of an outer choice this whole choice lies in.
    """

    group: str
    branch: str = ""
    needed: frozenset[Shape] = frozenset()
    shapes: frozenset[Shape] = frozenset(Shape)
    inside: Choice | None = None

    def of(self, branch: str) -> Choice:
        """The same choice, for a field of this branch."""
        return Choice(self.group, branch, self.needed, self.shapes, self.inside)

    def chain(self) -> tuple[Choice, ...]:
        """This choice and those around it, innermost first."""
        return (self,) if self.inside is None else (self, *self.inside.chain())


@dataclass(frozen=True, slots=True)
class Block:
    """An aggregate a field may hold: its element name in each shape ("" where it has none) and its record."""

    tags: tuple[str, str, str]
    model: type[Record]


@dataclass(frozen=True, slots=True)
class Spec:
    """One declared field. Exactly one of `type` (a leaf), `ref` or `blocks` says what it holds."""

    tags: tuple[str, str, str]
    uses: frozenset[Shape]
    required: frozenset[Shape] = frozenset()
    type: dt.DataType | None = None
    ref: bool = False
    limit: int | None = None
    blocks: tuple[Block, ...] = ()
    most: int | None = 1
    since: tuple[Version, Version, Version] = (Version("1.0"),) * 3
    not_in: frozenset[str] = frozenset()
    choice: Choice | None = None
    vital: bool = False
    idle: object = None
    in_mod: str | None = field(default=None)

    @property
    def many(self) -> bool:
        """True where the element may be repeated: the attribute is a tuple."""
        return self.most != 1

    def __call__(self, schema: dict[str, Any]) -> None:
        """Completes the JSON Schema pydantic made of the annotation (called as its `json_schema_extra`)."""
        if self.type is None:
            return
        keywords = self.type.schema()
        if self.many:
            schema.get("items", {}).update(_never_null(keywords))
        elif "anyOf" in keywords or "enum" in keywords:
            # pydantic's own anyOf would let through what ours does not: binary floats, any word
            schema.pop("anyOf", None)
            schema.update(keywords)
        else:
            schema.update(keywords)


def _never_null(keywords: dict[str, Any]) -> dict[str, Any]:
    """The keywords for a member of a list, which cannot be absent."""
    if "enum" not in keywords:
        return keywords
    return keywords | {"enum": [word for word in keywords["enum"] if word is not None]}


def _tags(tag: str) -> tuple[str, str, str]:
    """`Name` everywhere; `Line*` is LineAdd, LineMod, LineRet; three words name each shape."""
    if tag.endswith("*"):
        return (tag[:-1] + "Add", tag[:-1] + "Mod", tag[:-1] + "Ret")
    words = tag.split()
    if len(words) == 1:
        return (tag, tag, tag)
    add, mod, ret = words
    return (add, mod, ret)


def _uses(uses: str) -> tuple[frozenset[Shape], frozenset[Shape]]:
    """`A!MR`: in Add, Mod and Ret, required in Add."""
    letters = {"A": Shape.ADD, "M": Shape.MOD, "R": Shape.RET}
    seen = [letters[c] for c in uses if c != "!"]
    required = [letters[a] for a, b in pairwise(uses) if b == "!"]
    return frozenset(seen), frozenset(required)


def declare(
    tag: str,
    uses: str,
    *,
    since: str = "1.0",
    since_mod: str | None = None,
    not_in: str | frozenset[str] = "",
    alias: str | None = None,
    about: str | None = None,
    **rest: Any,
) -> Any:
    """A pydantic field that carries its Spec; the functions below name the common forms.

    `since` is the first qbXML version, `since_mod` that of the Mod where it differs; `not_in` the country
    editions without the element ("CA UK"). `vital` refuses instead of leaving out: dropping the element
    would change what the record means, unless its value is `idle`, what QuickBooks does anyway. `most` is
    how often it may occur (None: any number); `in_mod` the text a Mod needs where no value is given; `about` a
    sentence on what it is for, where its name does not say it.
    """
    shapes, required = _uses(uses)
    first = Version(since)
    spec = Spec(
        tags=_tags(tag),
        uses=shapes,
        required=required,
        since=(first, Version(since_mod) if since_mod else first, first),
        not_in=frozenset(not_in.split()) if isinstance(not_in, str) else not_in,
        **rest,
    )
    many = spec.many
    return Field(
        default=() if many else None,
        alias=alias,
        description=about,
        max_length=spec.most if many else None,
        json_schema_extra=spec,
    )


def text(tag: str, limit: int | None = None, uses: str = "AMR", **rest: Any) -> Any:
    """STRTYPE of at most `limit` characters."""
    return declare(tag, uses, type=dt.Text(limit), **rest)


def name(tag: str, limit: int, uses: str = "A!MR", **rest: Any) -> Any:
    """The record's own name: text that may not be empty or contain a colon."""
    return declare(tag, uses, type=dt.Name(limit), **rest)


def ident(tag: str, uses: str = "R", **rest: Any) -> Any:
    """IDTYPE."""
    return declare(tag, uses, type=dt.Id(), **rest)


def guid(tag: str, uses: str = "AR", **rest: Any) -> Any:
    """GUIDTYPE."""
    return declare(tag, uses, type=dt.Guid(), **rest)


def flag(tag: str, uses: str = "AMR", **rest: Any) -> Any:
    """BOOLTYPE."""
    return declare(tag, uses, type=dt.Bool(), **rest)


def whole(
    tag: str, uses: str = "AMR", *, low: int = dt.Int.LEAST, high: int = dt.Int.MOST, **rest: Any
) -> Any:
    """INTTYPE, from `low` to `high`."""
    return declare(tag, uses, type=dt.Int(low, high), **rest)


def amount(tag: str, uses: str = "AMR", **rest: Any) -> Any:
    """AMTTYPE: money with two decimals."""
    return declare(tag, uses, type=dt.Amount(), **rest)


def price(tag: str, uses: str = "AMR", **rest: Any) -> Any:
    """PRICETYPE: a unit price with up to five decimals."""
    return declare(tag, uses, type=dt.Price(), **rest)


def quantity(tag: str, uses: str = "AMR", **rest: Any) -> Any:
    """QUANTYPE."""
    return declare(tag, uses, type=dt.Quantity(), **rest)


def percent(tag: str, uses: str = "AMR", **rest: Any) -> Any:
    """PERCENTTYPE in percent points."""
    return declare(tag, uses, type=dt.Percent(), **rest)


def number(tag: str, uses: str = "AMR", **rest: Any) -> Any:
    """FLOATTYPE: a decimal without a bound (ExchangeRate)."""
    return declare(tag, uses, type=dt.Number(), **rest)


def day(tag: str, uses: str = "AMR", **rest: Any) -> Any:
    """DATETYPE."""
    return declare(tag, uses, type=dt.Date(), **rest)


def moment(tag: str, uses: str = "R", **rest: Any) -> Any:
    """DATETIMETYPE."""
    return declare(tag, uses, type=dt.DateTime(), **rest)


def duration(tag: str, uses: str = "AMR", **rest: Any) -> Any:
    """TIMEINTERVALTYPE."""
    return declare(tag, uses, type=dt.Duration(), **rest)


def word(tag: str, values: str | tuple[str, ...], uses: str = "AMR", **rest: Any) -> Any:
    """ENUMTYPE: one of the given words (a tuple, or one string with spaces)."""
    allowed = tuple(values.split()) if isinstance(values, str) else values
    return declare(tag, uses, type=dt.Enum(allowed), **rest)


def ref(tag: str, limit: int | None = None, uses: str = "AMR", **rest: Any) -> Any:
    """A reference `{ListID? FullName?}`; `limit` is the length of its FullName."""
    return declare(tag, uses, ref=True, limit=limit, **rest)


def block(tag: str, model: type[Record], uses: str = "AMR", **rest: Any) -> Any:
    """A nested aggregate."""
    return declare(tag, uses, blocks=(Block(_tags(tag), model),), **rest)


def mixed(*blocks: tuple[str, type[Record]], uses: str = "AMR", **rest: Any) -> Any:
    """Repeated aggregates of several kinds in one sequence, order kept (invoice lines and line groups)."""
    made = tuple(Block(_tags(tag), model) for tag, model in blocks)
    return declare(blocks[0][0], uses, blocks=made, most=None, **rest)


@dataclass(frozen=True, slots=True)
class Table:
    """The fields of one record class in schema order, and how that order differs between shapes.

    `moved[shape]` maps a field to the one it stands before in that shape.
    """

    fields: Mapping[str, Spec]
    moved: Mapping[Shape, Mapping[str, str]]

    def ordered(self, shape: Shape) -> tuple[tuple[str, Spec], ...]:
        """(attribute, Spec) of every field that occurs in this shape, in the order of the schema."""
        names = list(self.fields)
        for what, before in self.moved.get(shape, {}).items():
            names.remove(what)
            names.insert(names.index(before), what)
        return tuple((n, self.fields[n]) for n in names if shape in self.fields[n].uses)
