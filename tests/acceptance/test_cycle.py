"""Whole cycles: what the host hands over stands in QuickBooks exactly once, whatever happens to the server."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from qbwc_server.simulator.web_connector.report import CallEvent, Outcome, SessionReport
from tests.worlds.acceptance_world import (
    BLOCKED,
    KINDS,
    QUICKBOOKS_DOCUMENTS,
    World,
    expected_writes,
    handed_over,
    to_be_synced,
    written_twice,
    wrong_with_documents,
    wrong_with_lists,
)

EVERYTHING = sum(len(handed_over(kind)) for kind in KINDS)


@dataclass(frozen=True, slots=True)
class Cycle:
    """A world after its cycle, and the reports of the Web Connector's visits."""

    world: World
    reports: tuple[SessionReport, ...]


@pytest.fixture(scope="module")
def cycle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cycle]:
    """One quiet cycle, looked at from several sides."""
    world = World.create(tmp_path_factory.mktemp("cycle"))
    with world.server:
        assert world.hand_over_everything() == {"created": EVERYTHING}
        yield Cycle(world, world.visit())


class TestOneQuietCycle:
    """The server stays up; everything is handed over, and the Web Connector comes until nothing is left."""

    def test_every_document_stands_in_quickbooks_once_with_its_party_items_quantities_rates_and_number(
        self, cycle: Cycle
    ) -> None:
        assert wrong_with_documents(cycle.world.company) == []
        assert len(to_be_synced("invoice")) >= 40

    def test_every_customer_vendor_and_item_is_found_or_created_and_never_doubled(self, cycle: Cycle) -> None:
        assert wrong_with_lists(cycle.world.company) == []

    def test_nothing_was_written_twice_and_nothing_besides(self, cycle: Cycle) -> None:
        assert written_twice(cycle.world.company) == []
        assert cycle.world.written() == expected_writes()

    @pytest.mark.parametrize(("kind", "external_id"), sorted(BLOCKED))
    def test_a_seeded_case_is_blocked_by_its_own_cause(
        self, cycle: Cycle, kind: str, external_id: str
    ) -> None:
        view = cycle.world.view(kind, external_id)
        assert view["state"] == "blocked"
        (error,) = view["errors"]
        assert (error["cause"], error["sub_reason"], error["cause_key"]) == BLOCKED[kind, external_id]
        assert error["message"]
        assert error["remedy"]
        assert error["actor"] in ("host", "staff", "quickbooks_user")

    @pytest.mark.parametrize(("kind", "name"), QUICKBOOKS_DOCUMENTS.items())
    def test_the_host_is_told_the_txn_id_of_every_synced_document(
        self, cycle: Cycle, kind: str, name: str
    ) -> None:
        for external_id, record in to_be_synced(kind).items():
            view = cycle.world.view(kind, external_id)
            in_quickbooks = cycle.world.company.find(name, RefNumber=record["ref_number"])
            assert (view["state"], view["txn_id"]) == ("synced", in_quickbooks["TxnID"])

    def test_it_takes_few_round_trips(self, cycle: Cycle) -> None:
        trips = sum(report.round_trips for report in cycle.reports)
        print(f"round trips: {trips} for {EVERYTHING} records")
        assert [report.outcome for report in cycle.reports] == [Outcome.DONE, Outcome.NOTHING_TO_DO]
        assert trips <= 8

    def test_handing_over_and_visiting_again_posts_nothing(self, cycle: Cycle) -> None:
        before = cycle.world.company.ledger
        assert cycle.world.hand_over_everything() == {"unchanged": EVERYTHING}
        reports = cycle.world.visit()
        assert [report.outcome for report in reports] == [Outcome.NOTHING_TO_DO]
        assert cycle.world.company.ledger == before


class TestTheServerIsKilled:
    """SIGKILL between two SOAP calls loses nothing and posts nothing twice."""

    @pytest.mark.thorough
    def test_between_any_two_calls_of_a_whole_cycle(self, world: World) -> None:
        kills = 0

        def kill_and_restart(event: CallEvent) -> None:
            nonlocal kills
            if event.phase == "before":
                world.server.kill()
                world.server.start()
                kills += 1

        world.hand_over_everything()
        reports = world.visit(kill_and_restart)
        print(f"killed and restarted {kills} times in {sum(r.round_trips for r in reports)} round trips")
        assert kills == sum(len(report.calls) for report in reports)
        assert [report.outcome for report in reports] == [Outcome.DONE, Outcome.NOTHING_TO_DO]
        assert wrong_with_documents(world.company) == []
        assert wrong_with_lists(world.company) == []
        assert world.written() == expected_writes()

    def test_while_quickbooks_is_at_work_on_every_writing_message_set(self, world: World) -> None:
        """Each answer meets a dead server and is lost; QuickBooks is asked, and nothing is sent blindly again."""
        lost: list[int] = []

        def lose_every_answer_to_a_write(event: CallEvent) -> None:
            if event.phase != "before":
                return
            written = sum(world.written().values())
            if event.method == "receiveResponseXML" and written > sum(lost):
                lost.append(written - sum(lost))
                world.server.kill()
            elif not world.server.is_running:
                world.server.start()

        world.hand_over_everything()
        reports = world.visit(lose_every_answer_to_a_write)
        codes = [report.error_code for report in reports if report.outcome is Outcome.FAILED]
        print(f"answers lost, in writes: {lost}; sessions: {[report.outcome.name for report in reports]}")
        assert len(lost) >= 2
        assert codes == ["QBWC1042"] * len(lost)
        assert reports[-1].outcome is Outcome.NOTHING_TO_DO
        assert wrong_with_documents(world.company) == []
        assert wrong_with_lists(world.company) == []
        assert world.written() == expected_writes()
