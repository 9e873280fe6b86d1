"""Somebody at the site of a real server, who opens pages and presses their buttons."""

from __future__ import annotations

import re

import requests
from lxml import html

from tests.worlds.change_world import Office

NAME, PASSWORD = "rita", "correct horse battery"
PAGE = "records/invoices/inv"
"""The page that is looked at unless told otherwise."""


class Staff:
    """An admin at the site."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._browser = requests.Session()
        self.press("/login", name=NAME, password=PASSWORD)

    def get(self, path: str) -> requests.Response:
        return self._browser.get(self._office.house.server.url + path, timeout=20)

    def press(self, path: str, **form: str) -> requests.Response:
        page = self.get("/login" if path == "/login" else "/")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token is not None
        url = self._office.house.server.url + path
        return self._browser.post(url, {"csrf_token": token[1], **form}, timeout=20)

    def page(self, path: str = PAGE) -> html.HtmlElement:
        answer = self.get(f"/connectors/{self._office.name}/{path}")
        assert answer.status_code == 200, answer.text
        return html.fromstring(answer.text)

    def press_form(self, page: html.HtmlElement, button: str, **typed: str) -> requests.Response:
        """Press a button of a page, with what was typed into its fields."""
        (form,) = page.xpath(f"//form[.//button[contains(normalize-space(.), '{button}')]]")
        fields = {name: value for name, value in form.form_values() if name != "csrf_token"}
        return self.press(form.get("action"), **{**fields, **typed})


def words(element: html.HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())
