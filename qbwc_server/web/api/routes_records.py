"""The routes of records: the same for every kind, each documented in its own words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from qbwc_server.desk.documents import finding
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.people import Scope
from qbwc_server.web.api import parameters as p
from qbwc_server.web.api import records
from qbwc_server.web.api.bodies import LINES, Body
from qbwc_server.web.api.idempotency import Again
from qbwc_server.web.api.queries import Parameter
from qbwc_server.web.api.schemas import model_name, page_name, view_name
from qbwc_server.web.api.serving import Route

_C = "/connectors/{connector}"


@dataclass(frozen=True, slots=True)
class Words:
    """What the documentation calls records of a kind, and the schemas about them.

    Attributes:
        step: the part of an address that names the kind.
    """

    word: str
    label: str
    step: str
    model: str
    link: str = ""

    @classmethod
    def of(cls, kind: Kind) -> Self:
        """The words for one kind."""
        link = "TxnLink" if kind.is_document else "ListLink"
        return cls(kind.value, kind.label, kind.plural, model_name(kind), link)

    @property
    def a_label(self) -> str:
        """With its article."""
        return f"{'an' if self.label[0] in 'aeiou' else 'a'} {self.label}"

    @property
    def tag(self) -> str:
        """Under which heading they are documented."""
        return f"{self.label.capitalize()}s"

    @property
    def view(self) -> str:
        """Schema of a record as the server shows it."""
        return view_name(self.model)

    @property
    def page(self) -> str:
        """Schema of a page of them."""
        return page_name(self.model)

    def found_by(self) -> tuple[Parameter, ...]:
        """What they are looked for by, beside their states and moments."""
        ways = {"ref_number": p.REF_NUMBER, "txn_id": p.TXN_ID, "list_id": p.LIST_ID, **p.PARTIES}
        of = None if self.word == "record" else Kind(self.word)
        return (*(way for name, way in ways.items() if of in (None, *finding.HAVING[name])), p.Q)


ANY = Words("record", "record", "{kind}", "Record")
"""Words for all kinds at once: an address is served for all of them, and documented for each."""


def of_records(of: Words) -> Iterator[Route]:
    """What can be done with the records of a kind."""
    yield from _kept(of, f"{_C}/{of.step}")
    yield from _acted_on(of, f"{_C}/{of.step}/{{external_id}}")
    yield from _linked(of, f"{_C}/links/{of.step}/{{external_id}}")


def _kept(of: Words, all_of_them: str) -> Iterator[Route]:
    one = f"{all_of_them}/{{external_id}}"
    yield Route(
        "PUT",
        one,
        records.put,
        f"put_{of.word}",
        f"Hand over {of.a_label}, new or changed",
        {200: of.view, 201: of.view},
        body=Body(of.model, is_record=True),
        judge=records.judge,
        query=(p.PRIORITY, p.REVIVE, p.WAIT),
        fails=(409,),
        description="The whole record is sent each time. The same content again changes nothing. What comes late "
        "is refused: by If-Match (412), or by `version`, a number of your own that only goes up (409); once a record "
        "has one, another content needs a later one. 409 as well for a record that is void or was cancelled.",
        tag=of.tag,
    )
    yield Route(
        "GET",
        one,
        records.show,
        f"get_{of.word}",
        f"Look at {of.a_label}",
        {200: of.view},
        query=(p.WAIT,),
        tag=of.tag,
    )
    yield Route(
        "DELETE",
        one,
        records.cancel,
        f"cancel_{of.word}",
        f"Cancel {of.a_label} that QuickBooks cannot hold",
        {200: of.view},
        fails=(409,),
        description="409 when QuickBooks holds it, or may hold it; the sentence says what to do instead. "
        "Cancelling twice is as good as once.",
        tag=of.tag,
    )
    yield Route(
        "GET",
        all_of_them,
        records.listing,
        f"list_{of.word}s",
        f"The {of.label}s, oldest change first",
        {200: of.page},
        query=(*of.found_by(), p.STATE, *p.BOUNDS, p.BY_CHANGE, p.LIMIT),
        description="Whoever pages to the end misses none: a record that changes meanwhile comes once more.",
        tag=of.tag,
    )


def _acted_on(of: Words, one: str) -> Iterator[Route]:
    yield Route(
        "POST",
        f"{one}/retry",
        records.retry,
        f"retry_{of.word}",
        f"Try a blocked {of.label} again",
        {200: of.view},
        fails=(409,),
        tag=of.tag,
    )
    yield Route(
        "POST",
        f"{one}/void",
        records.void,
        f"void_{of.word}",
        f"Have {of.a_label} voided in QuickBooks",
        {200: of.view},
        fails=(409,),
        description="A purchase order is closed. What QuickBooks cannot hold is cancelled. 409 for customers, "
        "vendors and items.",
        tag=of.tag,
    )
    yield Route(
        "POST",
        f"{one}/post-as-new",
        records.post_as_new,
        f"post_{of.word}_as_new",
        f"Post {of.a_label} that was deleted in QuickBooks once more",
        {200: of.view},
        fails=(409,),
        description="409 unless QuickBooks said that it was deleted; and for customers, vendors and items.",
        tag=of.tag,
        again=Again.IS_REFUSED,
    )


def _linked(of: Words, linked: str) -> Iterator[Route]:
    yield Route(
        "PUT",
        linked,
        records.link,
        f"link_{of.word}",
        f"Say which record of QuickBooks {of.a_label} is",
        {200: of.view},
        body=Body(of.link),
        fails=(409,),
        tag=of.tag,
        scope=Scope.MANAGE,
    )
    yield Route(
        "DELETE",
        linked,
        records.unlink,
        f"unlink_{of.word}",
        f"Forget which record of QuickBooks {of.a_label} is",
        {200: of.view},
        fails=(409,),
        description="It is matched anew. 409 for invoices and purchase orders.",
        tag=of.tag,
        scope=Scope.MANAGE,
    )


def of_all_kinds() -> Iterator[Route]:
    yield Route(
        "POST",
        f"{_C}/batch",
        records.batch,
        "put_batch",
        "Hand over many records, of any kinds, one a line",
        {200: "BatchOutcome"},
        "Batch",
        query=(p.PRIORITY, p.REVIVE),
        body=Body("BatchLine", LINES),
        description="Each line is a record with its `kind` and `external_id` beside its fields, perhaps with a "
        "`priority` of its own in place of the batch's, and is answered "
        "by one line. A faulty line holds up no other, so the status is 200 whatever becomes of the lines. "
        "Lines are taken in from first to last; after an interruption all of them may be sent again.",
    )
