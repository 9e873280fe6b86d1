"""Everything a company file holds, as it is made from a state file and written back to one."""

from __future__ import annotations

from lxml import etree

from qbwc_server.simulator.errors import SimulatorError
from qbwc_server.simulator.quickbooks import data_ext, envelope, host, state_file
from qbwc_server.simulator.quickbooks.book import Book, Fields
from qbwc_server.simulator.quickbooks.conditions import Conditions
from qbwc_server.simulator.quickbooks.executor import Executor
from qbwc_server.simulator.quickbooks.iterators import Iterators
from qbwc_server.simulator.quickbooks.kinds import LIST_KINDS, TXN_KINDS, ListKind, TxnKind, kinds_called
from qbwc_server.simulator.quickbooks.ledger import Ledger
from qbwc_server.simulator.quickbooks.lists import ListEditor
from qbwc_server.simulator.quickbooks.pc_clock import Clock, PcClock, read_zone
from qbwc_server.simulator.quickbooks.queries import Searcher
from qbwc_server.simulator.quickbooks.query_desk import QueryDesk, balance_reader
from qbwc_server.simulator.quickbooks.recovery import RecoveryStore
from qbwc_server.simulator.quickbooks.render import Renderer
from qbwc_server.simulator.quickbooks.shapes import Version
from qbwc_server.simulator.quickbooks.transactions import TxnEditor
from qbwc_server.simulator.quickbooks.views import View


class Contents:
    """The parts of a company file, put together.

    Args:
        state: as a state file holds it; taken over, not copied.
        now: gives the present moment.

    Attributes:
        host, company, preferences: HostRet, CompanyRet and PreferencesRet.
        book: the records.
        lists, transactions: those who change them.
        recovery: outcomes by message-set id.
        conditions: circumstances of the moment.
        ledger: what was written.
        clock: of the PC.
    """

    def __init__(self, state: Fields, now: Clock) -> None:
        self._time_zone: str = state["time_zone"]
        self.clock = PcClock(read_zone(self._time_zone), now)
        self.host: Fields = state["host"]
        self.company: Fields = state["company"]
        self.preferences: Fields = state["preferences"]
        self.book = Book(state)
        self.lists = ListEditor(self.book, self.clock, self.preferences, state.get("deleted_lists", []))
        self.transactions = TxnEditor(
            self.book, self.clock, self.preferences, state.get("deleted_transactions", [])
        )
        self.recovery = RecoveryStore(state.get("message_sets", {}))
        self.conditions = Conditions.from_state(state.get("conditions", {}))
        self.ledger = Ledger(state.get("ledger", []))

    def to_state(self) -> Fields:
        """For the state file; shares its values."""
        return {
            "format": state_file.FORMAT,
            "time_zone": self._time_zone,
            "host": self.host,
            "company": self.company,
            "preferences": self.preferences,
            **self.book.to_state(),
            "deleted_lists": self.lists.deleted,
            "deleted_transactions": self.transactions.deleted,
            "message_sets": self.recovery.outcomes,
            "conditions": self.conditions.to_state(),
            "ledger": self.ledger.to_state(),
        }

    def renderer(self, version: Version) -> Renderer:
        """Prints records for requests of one version."""
        return Renderer(self.book, self.clock, version, self.conditions.decimal_comma)

    def view(self) -> View:
        """Completes records for one message set."""
        currencies = self.preferences.get("MultiCurrencyPreferences", {})
        has_several = currencies.get("IsMultiCurrencyOn") == "true"
        return View(self.book, currencies.get("HomeCurrencyRef") if has_several else None)

    def executor(self, version: Version, iterators: Iterators) -> Executor:
        """Carries out the requests of one message set."""
        view, renderer = self.view(), self.renderer(version)
        queries = QueryDesk(
            about={"Host": self.host, "Company": self.company, "Preferences": self.preferences},
            deleted={"ListDeleted": self.lists.deleted, "TxnDeleted": self.transactions.deleted},
            check_feature=self.lists.check_feature,
            searcher=Searcher(self.book, self.clock, balance_reader(view)),
            view=view,
            renderer=renderer,
            iterators=iterators,
        )
        return Executor(
            book=self.book,
            lists=self.lists,
            transactions=self.transactions,
            company=self.company,
            queries=queries,
            view=view,
            renderer=renderer,
            conditions=self.conditions,
        )

    def plain(self, kind: str) -> list[Fields]:
        """All records of a kind, or of a whole name space, as plain values.

        Raises:
            SimulatorError: there is no such kind.
        """
        view, renderer = self.view(), self.renderer((13, 0))
        if kind in TXN_KINDS:
            found: list[tuple[ListKind | TxnKind, Fields]] = [
                (TXN_KINDS[kind], each) for each in self.book.transactions[kind].values()
            ]
        else:
            names = (kind,) if kind in LIST_KINDS else kinds_called(kind)
            if not names:
                raise SimulatorError(f"there is no kind of record called {kind}")
            found = [*self.book.records_of(names)]
        return [view.plain(each_kind, each, renderer) for each_kind, each in found]

    def introduction(self, owner_id: str, version: Version) -> str:
        """Host, company, with the private data of this owner, and preferences: the answer to three queries."""
        renderer = self.renderer(version)
        about = {
            "Host": self.host,
            "Company": data_ext.shown_to(self.company, [owner_id]),
            "Preferences": self.preferences,
        }
        answers = []
        for number, (name, fields) in enumerate(about.items()):
            answer = envelope.response(etree.Element(f"{name}QueryRq", requestID=str(number)))
            answer.append(host.describe(name, fields, renderer))
            answers.append(answer)
        return envelope.message_set(answers)
