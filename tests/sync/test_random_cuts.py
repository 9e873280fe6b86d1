"""A run in which lines are cut at random: in the end there is exactly one of each in QuickBooks."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from freezegun import freeze_time

from qbwc_server.desk.administration import connectors
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.limits import Limits
from tests.worlds.sync_world import START, Answer, Visit, World, line, writes_in

HRESULTS = ("0x80040402", "0x8004040D", "0x80010105")


class Chaos:
    """A Web Connector on a bad line: calls are lost, repeated, late, or never come."""

    def __init__(self, world: World, random: Random) -> None:
        self.world = world
        self.random = random
        self.late: list[tuple[Visit, Answer]] = []
        self.happened: set[str] = set()

    def visit(self) -> None:
        """One visit, perhaps broken off."""
        visit = self.world.visit()
        if not visit.is_open:
            return
        for _ in range(40):
            text = visit.send()
            if not text:
                break
            if self.says(0.15, "sendRequestXML repeated"):
                assert visit.send() == text
            if self.says(0.12, "request lost"):
                return
            answer = visit.process(text)
            if self.says(0.12, "answer lost"):
                self.late.append((visit, answer))
                if self.says(0.3, "session left open"):
                    return
                break
            if self.says(0.08, "hresult after execution"):
                answer = Answer("", self.random.choice(HRESULTS), "lost")
            elif self.says(0.08, "answer cut"):
                answer = Answer(answer.response[: self.random.randrange(len(answer.response))])
            progress = visit.receive(answer)
            if self.says(0.15, "receiveResponseXML repeated"):
                assert visit.receive(answer) == progress
            if self.late and self.says(0.3, "late answer"):
                self.deliver_late()
            if not 0 <= progress < 100:
                break
        visit.close()

    def deliver_late(self) -> None:
        """An answer of an earlier session comes after all, perhaps twice."""
        visit, answer = self.late.pop(self.random.randrange(len(self.late)))
        for _ in range(self.random.choice((1, 2))):
            visit.receive(answer)

    def says(self, chance: float, what: str) -> bool:
        """Whether it happens this time."""
        if self.random.random() >= chance:
            return False
        self.happened.add(what)
        return True


@pytest.mark.parametrize(("seed", "recovery"), [(1, True), (2, False), (3, True)])
def test_whatever_is_cut_every_record_is_posted_exactly_once(
    make_world: Callable[..., World], seed: int, recovery: bool
) -> None:
    with freeze_time(START) as clock:
        world = make_world(
            settings={
                "batch_size": 5,
                "message_set_recovery": recovery,
                "default_expense_account": "Purchases",
            },
            limits=Limits(lease_seconds=60, page_size=10),
        )
        chaos = Chaos(world, Random(seed))
        for number in range(8):
            world.customer(f"c{number}")
            world.item(f"i{number}")
        world.vendor("v")
        for number in range(38):
            lines = [line(f"i{number % 8}"), line(f"i{(number + 3) % 8}", quantity="1")]
            number_given = None if number % 10 == 9 else f"N{number}"
            world.invoice(
                f"n{number}", ref_number=number_given, customer={"external_id": f"c{number % 8}"}, lines=lines
            )
        for number in range(5):
            world.order(f"o{number}", lines=[line(f"i{number}")])
        assert sum(world.states().values()) == 60

        for round_ in range(120):
            chaos.visit()
            clock.tick(chaos.random.choice((5, 70, 400)))
            if round_ == 20:
                connectors.reset(world.core, "acme", full=False, actor="ada")
            if world.states() == {"synced": 60}:
                break
        assert {"answer lost", "request lost"} <= chaos.happened
        for visit, answer in chaos.late:
            visit.receive(answer)

        assert world.states() == {"synced": 60}
        posted = [entry for entry in world.company.ledger if entry.by == "application"]
        assert len(posted) == 60
        assert len({entry.external_guid for entry in posted}) == 60
        for kind, id_name in ((Kind.INVOICE, "TxnID"), (Kind.CUSTOMER, "ListID")):
            name = kind.value.capitalize()
            held = {record[id_name] for record in world.company.records(name)}
            prefix, count = ("n", 38) if kind is Kind.INVOICE else ("c", 8)
            linked = {world.view(kind, f"{prefix}{number}")[kind.id_name] for number in range(count)}
            assert linked == held
        assert all(invoice["Subtotal"] == "28.50" for invoice in world.company.records("Invoice"))
        assert [error for error in world.errors() if error.record is not None] == []
        assert all(not writes_in(text) for text in world.poll().texts)
