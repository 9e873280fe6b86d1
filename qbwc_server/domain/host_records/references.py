"""How the host says which customer, vendor or item it means."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

import qbxml.records as qb
from qbwc_server.domain.host_records.values import given


class Reference(BaseModel):
    """Says which list record is meant, in one of several ways; a plain string is the full name."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    external_id: str | None = None
    list_id: str | None = None
    full_name: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = {"full_name": value}
        if isinstance(value, dict | Mapping):  # in this order, as the first is known at once
            # an empty reference says nothing: it is the same as none, and is told as an error of its own
            known = cls.__pydantic_fields__
            said = {key: item for key, item in value.items() if key not in known or not _says_nothing(item)}
            if set(said) == {"list_id", "full_name"}:
                # as QuickBooks itself writes a reference, and goes by its ListID
                del said["full_name"]
            return said
        return value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if len(self.model_fields_set) > 1:
            given = ", ".join(sorted(self.model_fields_set))
            raise ValueError(f"give one of these, not several: {given}")
        return self

    @property
    def is_empty(self) -> bool:
        """True when it does not say anything."""
        return not self.model_fields_set

    @property
    def in_quickbooks(self) -> qb.Ref | None:
        """The reference in QuickBooks' own words; None where it is in the host's."""
        if self.list_id is None and self.full_name is None:
            return None
        return qb.Ref.believed(given({"list_id": self.list_id, "full_name": self.full_name}))


def _says_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


class PartyReference(Reference):
    """A customer or vendor: by external id, email, full name or ListID."""

    email: str | None = None


class ItemReference(Reference):
    """An item: by external id, SKU, full name or ListID."""

    sku: str | None = None
