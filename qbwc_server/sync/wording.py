"""A verdict in qbXML: the request that carries it out, in the words of the QuickBooks that is to hear it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self, cast

from qbwc_server.domain.causes import InvalidField
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.operations import Operation
from qbwc_server.domain.records import Record
from qbwc_server.domain.sessions import Session
from qbwc_server.sync.check import Finding, Ready
from qbxml import Country, InvalidRecord, Version
from qbxml.errors import Caveat
from qbxml.requests import Add, Built, Mod, Request, TxnVoid


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a QuickBooks understands."""

    version: Version
    country: Country

    @classmethod
    def of(cls, heard_by: Session | Connector) -> Self:
        """That of a session; before there is one, that of the QuickBooks that was open last time."""
        return cls(Version(heard_by.qbxml_version or "13.0"), cast(Country, heard_by.country or "US"))


def request_of(verdict: Ready, request_id: str) -> Request:
    """The request that carries out a verdict."""
    match verdict.operation:
        case Operation.MOD:
            return Mod(verdict.payload, request_id=request_id, clear=verdict.clear)
        case Operation.VOID:
            return TxnVoid("Invoice", getattr(verdict.payload, "txn_id", ""), request_id=request_id)
        case _:
            return Add(verdict.payload, request_id=request_id)


def said(record: Record, request: Request, dialect: Dialect) -> Built | Finding:
    """A record's request as it is said in a dialect, or why it cannot be said there."""
    try:
        return request.to_element(dialect.version, dialect.country)
    except InvalidRecord as error:
        fault = error.faults[0]
        return Finding(InvalidField(record.label, fault.path, fault.problem))


def warnings(verdict_says: Iterable[str], caveats: Iterable[Caveat]) -> list[str]:
    """What is told with a record that is sent: what cannot be said of it, and what was left out or mapped."""
    return [*verdict_says, *(f"{each.path}: {each.message}" for each in caveats)]
