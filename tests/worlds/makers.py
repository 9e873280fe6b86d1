"""Makes random records that the tables allow, cheaply: one seed from hypothesis, many records from it."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from qbxml import datatypes as dt
from qbxml.plan import bar
from qbxml.record import Record, Ref
from qbxml.table import Shape, Spec
from qbxml.timestamps import Timestamp
from qbxml.versions import LATEST, Country, Version

ALPHABET = "abcXYZ019 .,-_/()#'\"&<>;éüßñÅØ€™ŒÿŠ¿½\n"


class Maker:
    """Random values for one version and country, so that nothing has to be left out."""

    def __init__(
        self, seed: int, version: Version = LATEST, country: Country = "US", usable: bool = True
    ) -> None:
        self.rng = random.Random(seed)
        self.version = version
        self.country = country
        self.usable = usable

    def record(self, model: type[Record], shape: Shape, depth: int = 0) -> Record:
        """One record with a random part of its fields, what the shape requires, and one branch a choice."""
        density = self.rng.choice((0.1, 0.5, 0.95)) / (1 + depth / 2)
        chosen: dict[str, Any] = {}
        branches: dict[str, str] = {}
        for attribute, spec in model.table.ordered(shape):
            if self.usable and bar(spec, shape, self.version, self.country):
                continue
            wanted = shape in spec.required and spec.in_mod is None
            if not wanted and self.rng.random() > density:
                continue
            if self._allowed(attribute, spec, shape, branches):
                chosen[attribute] = self._value(spec, shape, depth)
        self._fill_choices(model, shape, chosen, branches, depth)
        return model(**chosen)

    def _allowed(self, attribute: str, spec: Spec, shape: Shape, branches: dict[str, str]) -> bool:
        if spec.choice is None:
            return True
        chain = [c for c in spec.choice.chain() if shape in c.shapes]
        if any(branches.get(c.group, c.branch or attribute) != (c.branch or attribute) for c in chain):
            return False
        branches.update({c.group: c.branch or attribute for c in chain})
        return True

    def _fill_choices(
        self, model: type[Record], shape: Shape, chosen: dict[str, Any], branches: dict[str, str], depth: int
    ) -> None:
        """A choice that must be made is made by its first field; one made halfway (type without id) is
        completed, because both are required inside their branch."""
        for attribute, spec in model.table.ordered(shape):
            for c in () if spec.choice is None else spec.choice.chain():
                needed = shape in c.needed and c.group not in branches
                started = branches.get(c.group) == c.branch and c.group == "target"
                optional = attribute == "txn_line_id"
                if (needed or (started and not optional)) and attribute not in chosen:
                    branches[c.group] = c.branch or attribute
                    chosen[attribute] = self._value(spec, shape, depth)

    def _value(self, spec: Spec, shape: Shape, depth: int) -> Any:
        if not spec.many:
            return self._single(spec, shape, depth)
        most = min(spec.most or 3, 3)
        return [self._single(spec, shape, depth) for _ in range(self.rng.randint(1, most))]

    def _single(self, spec: Spec, shape: Shape, depth: int) -> Any:
        if spec.ref:
            return self.ref(spec.limit, shape)
        if spec.blocks:
            blocks = [b for b in spec.blocks if b.tags[shape]]
            return self.record(self.rng.choice(blocks).model, shape, depth + 1)
        assert spec.type is not None
        return self.leaf(spec.type)

    def ref(self, limit: int | None, shape: Shape) -> Ref:
        """By id, by name, or as QuickBooks answers with both."""
        both = shape is Shape.RET and self.rng.random() < 0.7
        by_id = self.rng.random() < 0.5
        return Ref(
            list_id=self.leaf(dt.Id()) if both or by_id else None,
            full_name=self.text(limit or 60, 1) if both or not by_id else None,
        )

    def text(self, limit: int, least: int = 0) -> str:
        """Text up to the limit, often exactly as long, stable under the text rule."""
        length = (
            self.rng.choice((least, 1, min(7, limit), limit)) if limit < 300 else self.rng.randint(least, 80)
        )
        return "".join(self.rng.choices(ALPHABET, k=max(length, least)))

    def leaf(self, kind: dt.DataType) -> Any:
        """A value of a leaf type."""
        rng = self.rng
        if isinstance(kind, dt.Name):
            return "n" + self.text(min(kind.limit or 40, 80) - 1).replace(":", "")
        if isinstance(kind, dt.Text):
            return self.text(kind.limit or 100)
        if isinstance(kind, dt.Number):
            return self._number(kind)
        if isinstance(kind, dt.Enum):
            return rng.choice(kind.values)
        return self._plain(kind)

    def _number(self, kind: dt.Number) -> Decimal:
        places = 6 if kind.places is None else kind.places
        digits = self.rng.randint(0, kind.whole or 10)
        number = self.rng.randint(-(10**digits) + 1, 10**digits - 1) if digits else 0
        tail = self.rng.randint(0, 10**places - 1) if self.rng.random() < 0.6 else 0
        return Decimal(f"{number}.{tail:0{places}d}").quantize(
            Decimal(1).scaleb(-places)
        ).normalize() + Decimal(0)

    def _plain(self, kind: dt.DataType) -> Any:
        rng = self.rng
        if isinstance(kind, dt.Id):
            return rng.choice(
                (f"8{rng.randrange(16**7):07X}-{rng.randrange(10**10)}", "1A2-1234567890", "x" * 36)
            )
        if isinstance(kind, dt.Guid):
            raw = f"{rng.getrandbits(128):032x}"
            return rng.choice(("0", f"{{{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}}}"))
        if isinstance(kind, dt.Bool):
            return rng.random() < 0.5
        if isinstance(kind, dt.Int):
            return rng.choice((kind.low, kind.high, rng.randint(kind.low, kind.high)))
        if isinstance(kind, dt.Date):
            return date(1901, 1, 1) + timedelta(days=rng.randint(0, 90000))
        if isinstance(kind, dt.DateTime):
            moment = Timestamp.of(
                datetime(1971, 1, 1, tzinfo=UTC) + timedelta(seconds=rng.randint(0, 2_000_000_000))
            )
            return Timestamp(moment + rng.choice(("", "-08:00", "+05:30")))
        if isinstance(kind, dt.Duration):
            return rng.choice(("PT8H", "PT8H30M", "PT90S"))
        raise NotImplementedError(type(kind).__name__)
