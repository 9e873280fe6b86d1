"""The base of every typed record: a frozen pydantic model whose fields carry their qbXML declaration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError

from qbxml.datatypes import Problem, Text
from qbxml.errors import FieldError, InvalidRecord
from qbxml.findings import in_words
from qbxml.table import Shape, Spec, Table, ident, text

Step = Callable[[Any], Any]


class Record(BaseModel):
    """A value of the qbXML language: a list record, a transaction, a line, an address, a set of selectors.

    Attribute names are the snake_case of the element names with `Ref` dropped from references. None means absent;
    0, "" and False are values, but "" names nothing and is no reference. Construction validates and raises
    pydantic's ValidationError with all faults; `from_json` raises InvalidRecord instead. Records read from
    QuickBooks are believed as they come.

    A subclass may widen a field by annotating it again (with a default); the declaration stays with the name.
    """

    # Built when first used: a server meets a few of these, and all of them take a tenth of its memory.
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        arbitrary_types_allowed=False,
        defer_build=True,
    )

    kind: ClassVar[str] = ""
    moved: ClassVar[Mapping[Shape, Mapping[str, str]]] = {}
    table: ClassVar[Table] = Table({}, {})
    blank: ClassVar[dict[str, Any]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        fields: dict[str, Spec] = {}
        for attribute, info in cls.model_fields.items():
            spec = info.json_schema_extra
            if not isinstance(spec, Spec):
                inherited = cls.table.fields.get(attribute)
                if inherited is None:
                    continue
                spec = inherited
            fields[attribute] = spec
            # told to pydantic of each field: validators of all fields would be called for every one that is given
            if attribute in cls.__annotations__:  # else it was told with the class that has it
                info.metadata += [*_accepting(spec), *_checking(spec)]
        cls.table = Table(fields, cls.moved)
        cls.blank = {a: (None if i.is_required() else i.get_default()) for a, i in cls.model_fields.items()}

    @classmethod
    def from_json(cls, data: str | bytes | Mapping[str, Any]) -> Self:
        """A record from JSON text or from what a JSON parser made of it. Raises InvalidRecord, all faults."""
        try:
            if isinstance(data, str | bytes):
                return cls.model_validate_json(data)
            return cls.model_validate(data)
        except ValidationError as error:
            raise faults_of(error, cls.kind or cls.__name__) from None

    def to_json(self) -> dict[str, Any]:
        """The record as JSON values: decimals as text, dates ISO, absent fields left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    @classmethod
    def believed(cls, values: Mapping[str, Any]) -> Self:
        """A record of values that need no validation (QuickBooks' own). Much faster than model_construct,
        which matters when a company file has 50,000 items."""
        record = _new(cls)
        _put_content(record, {**cls.blank, **values})
        _put_fields_set(record, set(values))
        _put_extra(record, None)
        _put_private(record, None)
        return record


# What pydantic keeps beside the fields; reached past the frozen model's __setattr__.
_new = object.__new__
_put_content = BaseModel.__dict__["__dict__"].__set__
_put_fields_set = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_put_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
_put_private = BaseModel.__dict__["__pydantic_private__"].__set__


def _accepting(spec: Spec) -> Iterator[BeforeValidator]:
    """What the value of a field goes through before pydantic looks at it."""
    if spec.ref:
        yield BeforeValidator(_no_blank)
    elif spec.type is not None:
        one = _judging(spec.type.accept)
        yield BeforeValidator(_each(one) if spec.many else one)


def _checking(spec: Spec) -> Iterator[AfterValidator]:
    """What it must pass after pydantic has looked at it."""
    if spec.ref:
        one = _naming(_judging(Text(spec.limit).encode))
    elif spec.type is not None:
        one = _judging(spec.type.encode)
    else:
        return
    every = _each(one) if spec.many else one

    def checked(value: Any) -> Any:
        every(value)
        return value

    yield AfterValidator(checked)


def _each(one: Step) -> Step:
    return lambda value: [one(item) for item in value] if isinstance(value, list | tuple) else one(value)


def _no_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _naming(step: Step) -> Step:
    def checked(value: Any) -> None:
        full_name = getattr(value, "full_name", None)
        if isinstance(full_name, str):
            step(full_name)

    return checked


def _judging(step: Step) -> Step:
    def judged(value: Any) -> Any:
        try:
            return None if value is None else step(value)
        except Problem as problem:
            raise PydanticCustomError(
                "qbxml",
                "{message}",
                {"message": problem.message, "code": problem.code, "limit": problem.limit},
            ) from None

    return judged


def faults_of(error: ValidationError, what: str = "record") -> InvalidRecord:
    """pydantic's findings as ours: every fault with its dotted path, in order."""
    faults = []
    for found in error.errors(include_url=False):
        context = found.get("ctx", {})
        # Parts with a # name the branch of a union, which means nothing to whoever wrote the record.
        path = ".".join(str(part) for part in found["loc"] if not str(part).startswith("#"))
        limit = context.get("limit", context.get("max_length"))
        code = str(context.get("code", found["type"]))
        faults.append(FieldError(path, in_words(found), found.get("input"), limit, code))
    return InvalidRecord(faults, what)


class Ref(Record):
    """A reference to a list record. In JSON also a plain string, which is the full name.

    Where both are given QuickBooks is sent the ListID only: it survives renaming, and QuickBooks ignores a
    FullName beside it.
    """

    kind: ClassVar[str] = "Ref"

    list_id: str | None = ident("ListID", "AMR")
    full_name: str | None = text("FullName")

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        return {"full_name": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """An object, or the full name as a plain string."""
        described = handler(core_schema)
        target = handler.resolve_ref_schema(described)
        body = dict(target)
        target.clear()
        target["anyOf"] = [{"type": "string", "minLength": 1}, body]
        return described

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.list_id is None and not self.full_name:
            raise PydanticCustomError("qbxml", "list_id or full_name is needed", {"code": "missing"})
        return self
