"""A record as a host in the same process is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record as it stood when it was asked for.

    Attributes:
        state: ``queued``, ``sent``, ``uncertain``, ``synced``, ``blocked`` or ``cancelled``.
        list_id: what QuickBooks calls a customer, vendor or item; None as long as that is not known.
        txn_id: what QuickBooks calls a document; None as long as that is not known.
        errors: what stands in its way, each as the API shows it (``cause``, ``message``, ``remedy``, ``id`` …).
        content: what was handed over.
        all: everything the API shows of it, as JSON values.
    """

    kind: str
    external_id: str
    state: str
    revision: int
    synced_revision: int | None
    list_id: str | None
    txn_id: str | None
    number: str | None
    full_name: str | None
    is_void: bool
    errors: tuple[Mapping[str, Any], ...]
    warnings: tuple[str, ...]
    content: Mapping[str, Any]
    all: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """What `desk.views.record_views` shows, with names for what is asked for most."""
        return cls(
            kind=str(view["kind"]),
            external_id=view["external_id"],
            state=str(view["state"]),
            revision=view["revision"],
            synced_revision=view["synced_revision"],
            list_id=view.get("list_id"),
            txn_id=view.get("txn_id"),
            number=view.get("ref_number"),
            full_name=view.get("full_name"),
            is_void=view["is_void"],
            errors=tuple(view["errors"]),
            warnings=tuple(map(str, view["warnings"])),
            content=view["record"],
            all=view,
        )

    @property
    def is_synced(self) -> bool:
        """Whether QuickBooks holds what was handed over last."""
        return self.state == "synced"
