"""Two thousand requests nobody would send: each is answered as documented, none breaks the server."""

import copy
import json
import random
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.settings import ConnectorSettings

BASE = "/api/v1"
FOLDER = Path(__file__).parents[3] / "fixtures" / "json"
ROUNDS = 250
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    7,
    1.5,
    10**30,
    -(10**400),
    1e300,
    5e-324,
    "",
    " ",
    "x" * 5000,
    "\x00",
    "\ud800",
    "\udfff\ud800",
    "\u202e",
    "🦪",
    "é",
    "<a>&amp;]]>",
    "1E9",
    "NaN",
    "-0",
    "1,50",
    "2026-02-30",
    "0000-00-00",
    "2026-11-20T10:00:00Z",
    "{00000000-0000-0000-0000-000000000000}",
    [],
    {},
    [[[[]]]],
    {"": {"": ""}},
    {"external_id": "c-7"},
    {"external_id": ["c-7"]},
    {"list_id": "8000001-1", "full_name": "x"},
    {"email": "a@b.c", "sku": "x"},
    [None, 1, "x"],
    [{}] * 50,
]
OF_EVERY_FORM: list[Any] = [None, True, 0, 1.5, "", "x" * 5000, [], {}, [None, 1, "x"], [None], [[]]]
NAMES = ["colour", "", "self", "a/b~c", "\x00", "kind", "external_id"]
WORDS = [
    "connectors",
    "errors",
    "retry",
    "dismiss",
    "batch",
    "links",
    "quickbooks",
    "events",
    "settings",
    "resync",
]
WORDS += [kind.plural for kind in Kind] + ["openapi.json", "void", "post-as-new", "customer", "terms"]
TEXTS = [
    "",
    ".",
    "..",
    "%",
    "%2",
    "%zz",
    "+",
    "?",
    "#",
    "&=",
    "\x00",
    "\n",
    "ä",
    "発注",
    "'",
    '"',
    "<",
    "\\",
    "x" * 300,
]
TEXTS += ["x" * 300, "0", "-1", "1", "99999999999999999999", "null", "qbwc_", "{connector}", "a/b", "//"]
QUERY = [
    "state",
    "updated_after",
    "cursor",
    "limit",
    "cause",
    "group_by",
    "email",
    "sku",
    "name",
    "after",
    "x",
]
VALUES = [
    "",
    "open",
    "all",
    "queued",
    "1",
    "-1",
    "0",
    "501",
    "WzEsMl0",
    "bnVsbA==",
    "2026-11-20T10:00:00Z",
    "ä",
    "%",
]
VALUES += [
    "cause_key",
    "refused",
    "9" * 400,
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "\x00",
    "e30",
]


def examples() -> dict[str, object]:
    """What is sent where, before it is spoilt; {c} is the connector."""
    made: dict[str, object] = {}
    for kind in Kind:
        made[f"PUT /connectors/{{c}}/{kind.plural}/fuzz"] = json.loads(
            (FOLDER / f"{kind}.json").read_text("utf-8")
        )
    made["PUT /connectors/{c}/links/customers/fuzz"] = {"list_id": "8000000F-1700000000"}
    made["PUT /connectors/{c}/links/invoices/fuzz"] = {"txn_id": "1A-1"}
    made["POST /connectors/{c}/errors/retry"] = {"cause_key": "sku:OY-100"}
    made["POST /connectors/{c}/errors/retry "] = {"ids": [1, 2]}
    made["POST /connectors/{c}/errors/1/dismiss"] = {"note": "because"}
    made["PATCH /connectors/{c}/settings"] = {
        "default_terms": "Net 30",
        "batch_size": 50,
        "read_only": False,
        "quiet_days": ["sunday"],
        "match_items_by": ["sku"],
        "time_zone": "America/Denver",
    }
    made["POST /connectors/{c}/webhooks"] = {"url": "https://orders.example.com/hear", "types": ["invoice.*"]}
    made["POST /connectors/{c}/requests"] = {"qbxml": "<TermsQueryRq/>", "follow": False}
    made["POST /connectors/{c}/errors/1/answer"] = {"choice": "link", "value": "8-1", "token": "a.b.c.1"}
    return made


def places(value: object, here: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Every place inside a JSON value, itself included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(place for key, item in inner for place in places(item, (*here, key)))]


def spoilt(value: object, dice: random.Random) -> object:
    """The value with something odd in it, or in its place."""
    value = copy.deepcopy(value)
    for _ in range(dice.randint(1, 3)):
        odd = copy.deepcopy(dice.choice(ODD))
        *way, last = dice.choice(places(value)) or (None,)
        if last is None:
            return odd
        holder = value
        for step in way:
            holder = holder[step]
        if isinstance(holder, dict) and dice.random() < 0.2:
            last = dice.choice(NAMES)
        holder[last] = odd
    return value


@pytest.mark.parametrize("seed", range(4))
def test_whatever_json_is_sent_the_answer_is_documented(host, lab, seed):
    dice = random.Random(seed)
    sent = examples()
    seen = set()
    for _ in range(ROUNDS):
        address, example = dice.choice(list(sent.items()))
        method, path = address.split()
        path, body = path.format(c=lab.CONNECTOR), spoilt(example, dice)
        answer = host.ask(method, path, body)
        may_be_sent = host.documented.may_be_sent(method, f"{BASE}{path}", body)
        assert may_be_sent or answer.status_code >= 400, (method, path, body)
        seen.add(answer.status_code)
    assert seen >= {200, 422}
    assert host.get(f"/connectors/{lab.CONNECTOR}/events?limit=500").status_code == 200


def test_a_setting_of_another_form_than_is_documented_is_refused(host, lab):
    path, taken = f"/connectors/{lab.CONNECTOR}/settings", []
    for name in ConnectorSettings.model_fields:
        for odd in OF_EVERY_FORM:
            may_be_sent = host.documented.may_be_sent("PATCH", BASE + path, {name: odd})
            if not may_be_sent and host.ask("PATCH", path, {name: odd}).status_code < 400:
                taken.append((name, odd))
    assert taken == []


@pytest.mark.parametrize("seed", range(2))
def test_whatever_bytes_are_sent_the_answer_is_documented(host, lab, seed):
    dice = random.Random(seed)
    sent = examples()
    seen = set()
    for _ in range(ROUNDS):
        address, example = dice.choice(list(sent.items()))
        method, path = address.split()
        body = bytearray(json.dumps(example).encode())
        for _ in range(dice.randint(1, 6)):
            place = dice.randrange(len(body))
            body[place : place + dice.randint(0, 3)] = dice.randbytes(dice.randint(0, 2))
        headers = {"Content-Type": dice.choice(["application/json"] * 5 + ["text/xml", "", "x" * 100])}
        answer = host.ask(method, path.format(c=lab.CONNECTOR), bytes(body), headers=headers)
        seen.add(answer.status_code)
    assert seen >= {200, 400, 415, 422}


@pytest.mark.parametrize("seed", range(2))
def test_whatever_address_is_asked_the_answer_is_documented(host, lab, seed):
    dice = random.Random(seed)
    methods = ["GET"] * 6 + ["DELETE", "POST", "PUT", "PATCH"]
    seen = set()
    for _ in range(ROUNDS):
        start = ["connectors", lab.CONNECTOR] if dice.random() < 0.8 else []
        steps = [*start, *(dice.choice(dice.choice([WORDS, TEXTS])) for _ in range(dice.randint(0, 4)))]
        path = "/" + "/".join(quote(step, safe=dice.choice(["", "/"])) for step in steps)
        pairs = [(dice.choice(QUERY), dice.choice(VALUES)) for _ in range(dice.choice([0, 0, 1, 2, 3]))]
        path += "?" * bool(pairs) + "&".join(f"{name}={quote(value, safe='%')}" for name, value in pairs)
        method = dice.choice(methods)
        answer = host.ask(method, path, {} if method in ("POST", "PUT", "PATCH") else None)
        seen.add(answer.status_code)
    assert seen >= {200, 404, 405, 422}


def test_whatever_lines_are_sent_each_gets_its_answer(host, lab):
    dice = random.Random(7)
    lines = []
    for number in range(ROUNDS):
        kind = dice.choice(list(Kind))
        record = json.loads((FOLDER / f"{kind}.json").read_text("utf-8"))
        line = json.dumps(spoilt({"kind": kind, "external_id": f"f-{number}", **record}, dice))
        cut = dice.randrange(len(line)) if dice.random() < 0.2 else None
        lines.append(line[:cut] or "x")
    answers = host.batch(lab.CONNECTOR, *lines)
    assert [item["line"] for item in answers] == list(range(1, ROUNDS + 1))
    results = {item["result"] for item in answers}
    assert {"created", "faulty"} <= results <= {"created", "changed", "unchanged", "faulty"}
