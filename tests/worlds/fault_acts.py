"""What host and persons may do at any moment of a history, also while a message set is in QuickBooks."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from qbwc_server.domain.faults import Conflict
from qbwc_server.domain.kinds import Kind
from qbwc_server.simulator.errors import StatusError
from qbwc_server.simulator.faults import Fault, random_faults
from tests.worlds.fault_script import Size, box, invoice, line
from tests.worlds.fault_world import QUICKBOOKS_NAMES, Act, History, Wish, id_name


@dataclass(frozen=True, slots=True)
class Plan:
    """A history that can be told from its seed alone."""

    size: Size
    batch_size: int
    host_wins: bool
    faults: tuple[Fault, ...]
    during: dict[int, Act]


def plan_of(seed: int) -> Plan:
    """One to five faults anywhere in a small run; in two of three histories somebody meddles as well."""
    rng = random.Random(seed)
    size = Size(rng.randint(3, 5), rng.randint(4, 5), rng.randint(1, 3), rng.randint(6, 9), rng.randint(3, 5))
    drawn = [_varied(fault, rng) for fault in random_faults(rng, rng.randint(1, 5))]
    # a backup of the right file restored over a wrong one is the right file again, not a fault
    swapped = {fault.number for fault in drawn if fault.kind == "wrong-file"}
    faults = tuple(fault for fault in drawn if fault.kind != "restore" or fault.number not in swapped)
    acts = 0 if seed % 3 == 0 else rng.randint(1, 8)
    during = {rng.randint(4, 60): _act(rng, size) for _ in range(acts)}
    return Plan(size, rng.randint(2, 14), rng.random() < 0.3, faults, during)


def _varied(fault: Fault, rng: random.Random) -> Fault:
    """The faults that take an argument, with another one than always the usual."""
    if fault.kind == "clock-jump":
        return Fault(fault.kind, None, fault.number, str(rng.choice((-90_000, -3600, -60, 3600, 90_000))))
    if fault.kind == "refuse":
        hresult = rng.choice(("0x80040400", "0x80040402", "0x8004041B", "0x80040408", "0x80010105"))
        return Fault(fault.kind, None, fault.number, hresult)
    if fault.kind == "delay":
        return Fault(fault.kind, fault.method, fault.number, str(rng.choice((30, 700, 5000))))
    return fault


def _act(rng: random.Random, size: Size) -> Act:
    """One act, with whatever it needs to be random about settled now."""
    act, number = rng.choice(_ACTS), rng.randrange(1000)

    def perform(history: History) -> None:
        try:
            act(history, size, number)
        except (Conflict, StatusError):
            return  # it cannot be done as things stand, and whoever wanted it was told so

    return perform


# --- the host -----------------------------------------------------------------------------------------------


def _host_changes_a_party(history: History, size: Size, number: int) -> None:
    if number % 2:
        history.put(Kind.VENDOR, f"v{number % size.vendors}", phone=str(number))
    else:
        history.put(Kind.CUSTOMER, f"c{1 + number % (size.customers - 1)}", phone=str(number))


def _host_changes_an_item(history: History, size: Size, number: int) -> None:
    history.put(Kind.ITEM, f"i{1 + number % (size.items - 1)}", price=f"{number}.25")


def _host_changes_a_memo(history: History, size: Size, number: int) -> None:
    n = number % size.invoices
    history.put(Kind.INVOICE, f"inv{n}", memo=f"order {n}; {number}")


def _host_changes_lines(history: History, size: Size, number: int) -> None:
    n = number % size.invoices
    lines = [line((n + k) % size.items, number % 9 + 1, f"{k}.75") for k in range(number % 3 + 1)]
    history.put(Kind.INVOICE, f"inv{n}", lines=lines if number % 4 else [box(number % 3 + 1), *lines])


def _host_changes_an_order(history: History, size: Size, number: int) -> None:
    n = number % size.orders
    history.put(Kind.PURCHASE_ORDER, f"po{n}", lines=[line(n % size.items, number % 9 + 1, "6.50")])


def _host_voids(history: History, size: Size, number: int) -> None:
    if number % 2:
        wish = Kind.INVOICE, f"inv{number % size.invoices}"
    else:
        wish = Kind.PURCHASE_ORDER, f"po{number % size.orders}"
    if wish in history.wishes:
        history.void(*wish)


def _host_has_another_invoice(history: History, size: Size, number: int) -> None:
    invoice(history, size.invoices + number, size)


# --- a person -----------------------------------------------------------------------------------------------


def _held(history: History, kind: Kind, number: int) -> tuple[Wish, str] | None:
    """One of the records of a kind that QuickBooks holds, and its ID there."""
    in_file = {each[id_name(kind)] for each in history.company.records(QUICKBOOKS_NAMES[kind])}
    linked = [
        (wish, view[kind.id_name])
        for wish, view in sorted(history.views().items())
        if wish[0] is kind and view[kind.id_name] in in_file
    ]
    return linked[number % len(linked)] if linked else None


def _person_edits(kind: Kind, field: str) -> Callable[[History, Size, int], None]:
    def edit(history: History, size: Size, number: int) -> None:
        found = _held(history, kind, number)
        if found is None:
            return
        history.by_person.add(found[0])
        name = QUICKBOOKS_NAMES[kind]
        if kind.is_document:
            history.company.person.edit_transaction(name, found[1], {field: f"by hand {number}"})
        else:
            history.company.person.edit(name, found[1], {field: f"{number}"})

    return edit


def _person_deletes_a_document(history: History, size: Size, number: int) -> None:
    kind = Kind.INVOICE if number % 2 else Kind.PURCHASE_ORDER
    found = _held(history, kind, number)
    if found is not None:
        history.by_person.add(found[0])
        history.company.person.delete_transaction(QUICKBOOKS_NAMES[kind], found[1])


def _person_pays(history: History, size: Size, number: int) -> None:
    found = _held(history, Kind.INVOICE, number)
    if found is not None:
        history.by_person.add(found[0])
        history.company.person.receive_payment(found[1], "1.00")


def _person_takes_a_number(history: History, size: Size, number: int) -> None:
    taken = f"SO-{number % size.invoices}"
    if any(each.get("RefNumber") == taken for each in history.company.records("Invoice")):
        return
    entry = {"CustomerRef": "Known Customer", "RefNumber": taken, "TxnDate": "2026-10-01"}
    lines = [{"ItemRef": "Known Item", "Quantity": "1", "Rate": "5.00", "Amount": "5.00"}]
    history.company.person.add_transaction("Invoice", entry, lines)
    history.taken_by_person.add(taken)  # at the same moment as ours, QuickBooks has it twice by their doing


_ACTS: tuple[Callable[[History, Size, int], None], ...] = (
    _host_changes_a_party,
    _host_changes_an_item,
    _host_changes_a_memo,
    _host_changes_lines,
    _host_changes_an_order,
    _host_voids,
    _host_has_another_invoice,
    _person_edits(Kind.CUSTOMER, "Phone"),
    _person_edits(Kind.VENDOR, "Phone"),
    _person_edits(Kind.INVOICE, "Memo"),
    _person_edits(Kind.PURCHASE_ORDER, "Memo"),
    _person_deletes_a_document,
    _person_pays,
    _person_takes_a_number,
)
