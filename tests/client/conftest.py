"""The Python client, waiting and not, against a real server beside a simulated QuickBooks."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable, Coroutine, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from qbwc_client import AsyncClient, Client, Retries

from qbwc_server.testing import _qbwc_template, clock, fault, qbwc_settings, quickbooks, server, web_connector
from qbwc_server.testing.servers import Server

__all__ = ["_qbwc_template", "clock", "fault", "qbwc_settings", "quickbooks", "server", "web_connector"]


class Awaited:
    """An `AsyncClient` as a program uses it that has nothing else to do, so that both clients have the same tests."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        # in a thread of its own, as whoever drives a browser has a loop running in this one
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._client = AsyncClient(*arguments, **named)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return self._awaited(getattr(self._client, name))

    @property
    def webhooks(self) -> Any:
        methods = inspect.getmembers(self._client.webhooks, inspect.ismethod)
        return SimpleNamespace(**{name: self._awaited(method) for name, method in methods})

    def _awaited(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            made = method(*arguments, **named)
            return self._done(_whole(made) if inspect.isasyncgen(made) else made)

        return called

    def close(self) -> None:
        self._done(self._client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _done(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


async def _whole(made: Any) -> list[Any]:
    return [each async for each in made]


@pytest.fixture(params=[Client, Awaited])
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Makes clients of one of the two sorts, and closes them."""
    made: list[Any] = []

    def one(url: str, key: str, connector: str, **named: Any) -> Any:
        made.append(request.param(url, key, connector, **{"retries": Retries(first_seconds=0.01), **named}))
        return made[-1]

    yield one
    for each in made:
        each.close()


@pytest.fixture
def client(connect: Callable[..., Any], server: Server) -> Any:
    """A client of the server."""
    return connect(server.url, server.key, server.connector)
