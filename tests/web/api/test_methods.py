"""Every address takes the methods that are documented for it, and names them when it is asked by another."""

import re

import pytest

METHODS = ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
EXAMPLES = {"connector": "harbour-fish", "external_id": "SO-1041", "list": "customers"}
"""Parts of addresses; every other one may be a number."""


def documented(paper):
    """Address, and the methods it is documented for; of GET follows HEAD."""
    for path, operations in paper["paths"].items():
        taken = {method.upper() for method in operations}
        yield path, taken | ({"HEAD"} if "GET" in taken else set())


def asked_by(host, method, address):
    """An answer to HEAD has no body that could be held against the documentation."""
    if method != "HEAD":
        return host.ask(method, address)
    return host.client.head(f"/api/v1{address}", headers={"Authorization": f"Bearer {host.key}"})


def test_an_undocumented_method_is_405_and_allow_names_the_documented_ones(host, paper):
    asked = 0
    for path, taken in documented(paper):
        address = re.sub(r"\{(\w+)\}", lambda part: EXAMPLES.get(part[1], "1"), path)
        for method in set(METHODS) - taken:
            answer = asked_by(host, method, address)
            assert answer.status_code == 405, (method, address)
            assert set(answer.headers["Allow"].split(", ")) == taken, (method, address)
            asked += 1
    assert asked > 200


@pytest.mark.parametrize("deed", ["retry", "void", "post-as-new"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_is_done_with_a_record_is_no_record(host, method, deed):
    place = f"/connectors/harbour-fish/customers/nobody/{deed}"
    answer = host.ask(method, place, {"name": "Pier", "email": "a@b.example"} if method == "PUT" else None)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert host.get(place.rpartition("/")[0]).status_code == 404


@pytest.mark.parametrize("number", ["0", "2147483648", "99999999999999999999"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_number_no_row_can_have_is_no_address_whatever_the_method(host, lab, method, number):
    answer = host.ask(method, f"/connectors/{lab.CONNECTOR}/webhooks/{number}", {})
    assert answer.status_code == 404
