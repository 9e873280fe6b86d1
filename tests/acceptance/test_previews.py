"""What a preview shows is what the Web Connector is handed, byte for byte but for ids; and it leaves nothing behind.

Judged from what the simulated Web Connector was really handed, and from the company file.
"""

import json
import re
import urllib.request
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from qbwc_server.simulator.web_connector.report import CallEvent
from tests.worlds.acceptance_world import BLOCKED, KINDS, Json, World, handed_over

WRITES = re.compile(r"<(\w+(?:Add|Mod|Void)Rq)\b[^>]*>.*?</\1>", re.DOTALL)
REQUEST_ID = re.compile(r' requestID="[^"]*"')
ANYBODY = "Anybody at all"


class Host:
    """The order system of the demonstration: it looks, and hands over."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.key = world.command("api-key", "create", "looker", "--connector", "seafood", "--scope", "read")[
            "key"
        ]

    def preview(self, records: list[Json]) -> list[Json]:
        """What would become of records of any kinds."""
        request = urllib.request.Request(
            f"{self.world.server.url}/api/v1/connectors/seafood/preview",
            method="POST",
            data=json.dumps(records).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: list[Json] = json.loads(answer.read())
        return found

    def hand_over(self, records: Iterable[Json]) -> None:
        """Import them, kind by kind."""
        by_kind: dict[str, list[str]] = {kind: [] for kind in KINDS}
        for record in records:
            fields = {name: value for name, value in record.items() if name != "kind"}
            by_kind[record["kind"]].append(json.dumps(fields))
        for kind, lines in by_kind.items():
            done = self.world.run("import", kind, "-", "--json", text="\n".join(lines))
            assert json.loads(done.stdout)["faulty"] == 0

    def visit(self) -> list[str]:
        """Visits until nothing is left; every writing request the Web Connector was handed, as it was."""
        texts: list[str] = []

        def heard(event: CallEvent) -> None:
            if event.phase == "after" and event.method == "sendRequestXML" and isinstance(event.result, str):
                texts.append(event.result)

        self.world.visit(heard)
        return [found[0] for text in texts for found in WRITES.finditer(text)]

    def promised(self, previews: list[Json]) -> list[str]:
        """The requests of previews, with the ids QuickBooks has given by now in place of what stood for them."""
        ids = {
            named["stand_in"]: named["waits_for"]
            for each in previews
            for named in each["references"]
            if named["stand_in"] is not None
        }
        given = {
            stand_in: self.world.view(record["kind"], record["external_id"])["list_id"]
            for stand_in, record in ids.items()
        }
        texts = [each["request"] for each in previews if each["request"] is not None]
        return [_in_place(text, given) for text in texts]


def _in_place(text: str, ids: Mapping[str, str]) -> str:
    return re.sub(r"(?<=<ListID>)new-[^<]*", lambda found: ids[found[0]], text)


def unnumbered(texts: Iterable[str]) -> Counter[str]:
    """Requests without their requestIDs."""
    return Counter(REQUEST_ID.sub("", text, count=1) for text in texts)


def everything() -> list[Json]:
    """All that the demonstration hands over, documents first; and jobs, with an invoice of a group of items each."""
    records = [
        {"kind": kind, "external_id": external_id, **record}
        for kind in reversed(KINDS)
        for external_id, record in handed_over(kind).items()
    ]
    lines: list[Json] = [
        {"item": "Platter", "quantity": "2"},
        {"item": {"sku": "OY-PEM-100"}, "quantity": "1", "rate": "9"},
    ]
    invoice: Json = {"ref_number": "SO-JOB", "txn_date": "2026-11-20", "customer": {"external_id": "job"}}
    job: Json = {"name": "Wedding – “June”", "parent": {"external_id": "new"}}
    jobs: list[Json] = [
        {"kind": "invoice", "external_id": "inv-job", **invoice, "lines": lines},
        {"kind": "customer", "external_id": "job", **job},
        {"kind": "customer", "external_id": "new", "name": "Quite New", "email": "new@quite.example"},
    ]
    return [*jobs, *records]


def changed(record: Json) -> Json:
    """The same with something changed, as a host would: a text, a price, lines added, changed and removed."""
    match record["kind"]:
        case "customer" | "vendor":
            return {**record, "phone": "207 555 9999", "notes": ANYBODY}
        case "item":
            return {**record, "price": "77.70", "desc": ANYBODY}
    first, *others = record["lines"]
    added = {"item": {"sku": "OY-GLP-100"}, "quantity": "3", "rate": "1.25"}
    lines = [{**first, "quantity": "4"}, *others[:-1], added]
    return {**record, "memo": ANYBODY, "lines": lines}


@pytest.fixture
def host(world: World) -> Host:
    """The lists are loaded, and a group of items is there."""
    names = {item["FullName"] for item in world.company.records("Item")}
    members = [{"ItemRef": sorted(names)[0], "Quantity": "4"}]
    world.company.person.add("ItemGroup", {"Name": "Platter", "ItemDesc": "Mixed", "ItemGroupLine": members})
    world.visit()
    return Host(world)


def test_what_was_previewed_is_what_is_sent_new_and_changed_of_every_kind(host: Host) -> None:
    records = everything()
    database = Path(host.world.folder) / "qbwc.db"
    before = database.read_bytes() if database.exists() else b""

    previews = host.preview(records)
    assert not database.exists() or database.read_bytes() == before
    assert host.visit() == []

    host.hand_over(records)
    sent = host.visit()
    assert unnumbered(host.promised(previews)) - unnumbered(sent) == unnumbered(
        host.promised(_of_taken_numbers(previews))
    )
    assert unnumbered(sent) - unnumbered(host.promised(previews)) == Counter()
    _judge_outcomes(host, records, previews)

    synced = [record for record in records if (record["kind"], record["external_id"]) not in BLOCKED]
    again = [changed(record) for record in synced]
    previews = host.preview(again)
    host.hand_over(again)
    sent = host.visit()
    promised = host.promised(previews)
    assert unnumbered(promised) - unnumbered(sent) == Counter()
    # of the others QuickBooks has to be asked something first, and they say so
    unpromised = [each for each in previews if each["request"] is None]
    assert all(each["asked_first"] for each in unpromised)
    assert len(sent) - len(promised) == len(unpromised)
    assert len(promised) > 60
    _judge_changes(previews, synced, again)


def _of_taken_numbers(previews: list[Json]) -> list[Json]:
    """The one document whose number only QuickBooks knows to be taken."""
    taken = [each for each in previews if each["external_id"] == "inv-1030"]
    assert "number SO-1030 is free" in taken[0]["asked_first"][0]
    return taken


def _judge_outcomes(host: Host, records: list[Json], previews: list[Json]) -> None:
    """Whoever was said to be stopped is, for that very reason; all others are in QuickBooks."""
    assert [(each["kind"], each["external_id"]) for each in previews] == [
        (record["kind"], record["external_id"]) for record in records
    ]
    for each in previews:
        name = (each["kind"], each["external_id"])
        view = host.world.view(*name)
        if name == ("invoice", "inv-1030"):
            continue
        told = [
            (error["cause"], error["cause_key"], error["message"], error["remedy"])
            for error in each["errors"]
        ]
        assert told == [
            (error["cause"], error["cause_key"], error["message"], error["remedy"])
            for error in view["errors"]
        ]
        assert (each["outcome"] == "blocked") == (view["state"] == "blocked") == (name in BLOCKED)
        if each["outcome"] == "synced":
            id_name = "txn_id" if view["kind"] in ("invoice", "purchase_order") else "list_id"
            assert (each["matched"][id_name], each["matched"]["matched_by"]) == (
                view[id_name],
                view["matched_by"],
            )


def _judge_changes(previews: list[Json], before: list[Json], after: list[Json]) -> None:
    """Whoever applies the changes told to the lines before has the lines after; and all that stays was there."""
    lines_told = 0
    for each, old, new in zip(previews, before, after, strict=True):
        if each["request"] is None or each["kind"] not in ("invoice", "purchase_order"):
            continue
        fields = {field["path"]: (field["old"], field["new"]) for field in each["changes"]["fields"]}
        assert fields == {"memo": (old.get("memo"), ANYBODY)}
        told = each["changes"]["lines"]
        kinds = Counter(line["change"] for line in told)
        assert len(old["lines"]) + kinds["added"] - kinds["removed"] == len(new["lines"])
        assert all(line["old"] == old["lines"][line["was"]] for line in told if line["was"] is not None)
        said = {line["position"]: line["new"] for line in told}
        assert all(said.get(place, line) == line for place, line in enumerate(new["lines"]))
        assert all(line in old["lines"] for place, line in enumerate(new["lines"]) if place not in said)
        lines_told += len(told)
    assert lines_told > 80
