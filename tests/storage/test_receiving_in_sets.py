"""What comes back from QuickBooks is read and written set by set: fifty answers cost hardly more than five."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time
from sqlalchemy import Engine, event

from qbwc_server.domain.kinds import Kind
from qbwc_server.storage.database import Database
from tests.worlds.sync_world import START, Answer, Visit, World, line, names_in, refusing

MOST = 41
"""Statements of a receiveResponseXML of fifty; one of them keeps what the day brought."""

FEW, MANY = 5, 50


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is said to the database within the block."""
    said: list[str] = []

    def note(*given: Any) -> None:
        said.append(given[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def up_to(visit: Visit, name: str) -> str:
    """Go on until a message set with such a request is sent; its text."""
    progress = 0
    while progress < 100 and (text := visit.send()):
        if name in names_in(text):
            return text
        progress = visit.receive(visit.process(text))
    raise AssertionError(f"no {name} was sent")


def received(visit: Visit, name: str, fault: Callable[[str, Answer], Answer] | None = None) -> int:
    """Statements of the answer to the next message set with such a request."""
    text = up_to(visit, name)
    answer = visit.process(text)
    if fault is not None:
        answer = fault(text, answer)
    with statements() as said:
        visit.receive(answer)
    return len(said)


def invoices(world: World, number: int, prefix: str = "n", **fields: Any) -> None:
    for each in range(number):
        world.invoice(f"{prefix}{each}", ref_number=f"n{each}", **fields)


def ready(world: World) -> None:
    """Customer and item are in QuickBooks, and every list is loaded."""
    world.basics()
    world.vendor("v")
    world.poll()


# --- the scenes ---------------------------------------------------------------------------------------------


def taken(world: World, number: int) -> int:
    ready(world)
    invoices(world, 2 * number)
    return received(world.visit(), "InvoiceAddRq")


def orders(world: World, number: int) -> int:
    ready(world)
    for each in range(number):
        world.order(f"o{each}")
    return received(world.visit(), "PurchaseOrderAddRq")


def customers_that_documents_wait_for(world: World, number: int) -> int:
    ready(world)
    for each in range(number):
        world.customer(f"c{each}")
        world.invoice(f"n{each}", customer={"external_id": f"c{each}"})
    return received(world.visit(), "CustomerAddRq")


def items(world: World, number: int) -> int:
    ready(world)
    for each in range(number):
        world.item(f"i{each}")
    return received(world.visit(), "ItemNonInventoryAddRq")


def refused(code: int) -> Callable[[World, int], int]:
    def scene(world: World, number: int) -> int:
        ready(world)
        invoices(world, number)
        return received(world.visit(), "InvoiceAddRq", refusing("InvoiceAddRs", code))

    return scene


def numbers_free(world: World, number: int) -> int:
    ready(world)
    invoices(world, number)
    return received(world.visit(), "InvoiceQueryRq")


def numbers_taken(world: World, number: int) -> int:
    ready(world)
    invoices(world, number)
    world.poll()
    invoices(world, number, "other")
    return received(world.visit(), "InvoiceQueryRq")


def question_refused(world: World, number: int) -> int:
    ready(world)
    invoices(world, number)
    return received(world.visit(), "InvoiceQueryRq", refusing("InvoiceQueryRs", 3260))


def lost(world: World, number: int, *, executed: bool) -> tuple[Visit, int]:
    """The answer to a set of so many is lost: the visit that follows, and the statements of its begin."""
    ready(world)
    invoices(world, number)
    visit = world.visit()
    text = up_to(visit, "InvoiceAddRq")
    if executed:
        visit.process(text)
    with statements() as said:
        visit.close()
    assert world.states(Kind.INVOICE) == {"uncertain": number}
    return world.visit(), len(said)


def losing(world: World, number: int) -> int:
    return lost(world, number, executed=True)[1]


def lost_and_found(world: World, number: int) -> int:
    visit, _ = lost(world, number, executed=True)
    return received(visit, "InvoiceQueryRq")


def lost_and_absent(world: World, number: int) -> int:
    visit, _ = lost(world, number, executed=False)
    return received(visit, "InvoiceQueryRq")


def lost_and_sent_again(world: World, number: int) -> int:
    visit, _ = lost(world, number, executed=False)
    return received(visit, "InvoiceAddRq")


def set_cannot_be_parsed(world: World, number: int) -> int:
    ready(world)
    invoices(world, number)
    return received(world.visit(), "InvoiceAddRq", lambda *_: Answer("", "0x80040400", "No."))


def set_cannot_be_locked(world: World, number: int) -> int:
    ready(world)
    invoices(world, number)
    return received(world.visit(), "InvoiceAddRq", lambda *_: Answer("", "0x8004041B", "No."))


def outcome_untold(world: World, number: int) -> int:
    ready(world)
    invoices(world, number)
    return received(world.visit(), "InvoiceAddRq", lambda *_: Answer("", "0x80040402", "No."))


def changes_read(world: World, number: int) -> int:
    posted_and_changed(world, number)
    visit = world.visit()
    received(visit, "InvoiceModRq", refusing("InvoiceModRs", 3200))
    return received(visit, "InvoiceQueryRq")


def changes_made(world: World, number: int) -> int:
    posted_and_changed(world, number)
    return received(world.visit(), "InvoiceModRq")


def posted_and_changed(world: World, number: int) -> None:
    ready(world)
    invoices(world, number)
    world.poll()
    assert world.states(Kind.INVOICE) == {"synced": number}
    invoices(world, number, memo="another", lines=[line("i", "3")])


def restored(world: World, number: int) -> int:
    ready(world)
    backup = world.company.snapshot()
    invoices(world, number)
    with freeze_time(START + timedelta(minutes=5)):
        world.poll()
    world.company.restore(backup)
    with freeze_time(START + timedelta(minutes=70)):
        return received(world.visit(), "InvoiceQueryRq")


SCENES: dict[str, Callable[[World, int], int]] = {
    "invoices, and the numbers of the next ones": taken,
    "orders": orders,
    "customers that documents wait for": customers_that_documents_wait_for,
    "items": items,
    "refused for good": refused(3140),
    "in use": refused(3175),
    "internal error": refused(1000),
    "numbers that are free": numbers_free,
    "numbers that are taken": numbers_taken,
    "a question that is refused": question_refused,
    "losing an answer": losing,
    "lost and found": lost_and_found,
    "lost and absent": lost_and_absent,
    "lost and sent again": lost_and_sent_again,
    "a set that cannot be parsed": set_cannot_be_parsed,
    "a set that cannot be locked": set_cannot_be_locked,
    "a set whose outcome is not told": outcome_untold,
    "changes are read": changes_read,
    "changes are made": changes_made,
}
"""What may come back."""


def statements_of(database: Database, scene: Callable[[World, int], int], number: int) -> int:
    """What a scene of so many costs."""
    with freeze_time(START):
        world = World(database, settings={"default_expense_account": "Purchases", "batch_size": number})
        return scene(world, number)


@pytest.fixture
def new_database(tmp_path: Path, upgraded_sqlite: Path) -> Iterator[Callable[[], Database]]:
    """Makes empty SQLite databases."""
    made: list[Database] = []

    def make() -> Database:
        path = shutil.copy(upgraded_sqlite, tmp_path / f"{len(made)}.db")
        made.append(Database(f"sqlite:///{path}"))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_fifty_answers_cost_no_more_statements_than_are_said(
    new_database: Callable[[], Database], scene: Callable[[World, int], int]
) -> None:
    assert statements_of(new_database(), scene, MANY) <= MOST


@pytest.mark.slow
@pytest.mark.parametrize(
    "scene",
    [
        taken,
        *(pytest.param(scene, marks=pytest.mark.thorough) for scene in (numbers_taken, lost_and_found)),
    ],
    ids=["taken", "numbers taken", "lost and found"],
)
def test_they_cost_the_same_on_every_database(
    database: Database, new_database: Callable[[], Database], scene: Callable[[World, int], int]
) -> None:
    # SQLite is told BEGIN in so many words
    assert abs(statements_of(database, scene, MANY) - statements_of(new_database(), scene, MANY)) <= 1


@pytest.mark.parametrize(
    "scene",
    [taken, customers_that_documents_wait_for, refused(3140), lost_and_absent, restored],
    ids=["taken", "customers", "refused", "lost and absent", "a restored file, with nine lists"],
)
def test_fifty_answers_cost_hardly_more_statements_than_five(
    new_database: Callable[[], Database], scene: Callable[[World, int], int]
) -> None:
    few, many = (statements_of(new_database(), scene, number) for number in (FEW, MANY))
    assert many <= few + 3
