"""QuickBooks' lists, as they were last loaded, for a host in the same process."""

from collections.abc import Iterator

from qbwc_server.desk.handing_over import host
from qbwc_server.desk.handing_over.host import CachedList
from qbwc_server.desk.lists import search
from qbwc_server.domain.faults import Fault, InvalidInput, NotFound
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.sync.core import Core

_PAGE = 500
_LISTS = {item.step: item for item in ListName}


def entries(
    core: Core,
    connector_name: str,
    list_name: ListName | str,
    q: str | None,
    email: str | None,
    sku: str | None,
    name: str | None,
) -> Iterator[ListEntry]:
    """What a list holds; what is asked wrongly is told at once, and not with the first entry.

    Raises:
        NotFound: there is no such list.
        InvalidInput: it cannot be looked through so.
    """
    wanted = list_name if isinstance(list_name, ListName) else _LISTS.get(list_name)
    if wanted is None:
        raise NotFound(f"there is no list {list_name!r}; there are {', '.join(_LISTS)}")
    if q is not None:
        return iter(_picked(core, connector_name, wanted, q, email=email, sku=sku, name=name).page.items)

    def page(after: str) -> CachedList:
        return host.look_up(
            core, connector_name, wanted, email=email, sku=sku, name=name, after=after, limit=_PAGE
        )

    first = page("")

    def all_of_them() -> Iterator[ListEntry]:
        here = first.page
        yield from here.items
        while here.end is not None:
            here = page(here.end).page
            yield from here.items

    return all_of_them()


def _picked(core: Core, connector_name: str, wanted: ListName, q: str, **others: str | None) -> CachedList:
    faults = [Fault(f"/{each}", "goes without q") for each, value in others.items() if value is not None]
    if not q.strip():
        faults.append(Fault("/q", "is empty: leave it out, or give a value"))
    if faults:
        raise InvalidInput(faults)
    return search.picker(core, connector_name, wanted, q.strip(), limit=search.MOST_PICKED)
