"""Which page of a list somebody wants."""

from dataclasses import dataclass

from crm_loop.console.visit import Visit
from crm_loop.store.listing import Window

PAGE = 50
#: No list of ours has more pages than this.
LAST = 1_000_000


@dataclass(frozen=True, slots=True)
class Paging:
    """One page of many, counted from 0."""

    page: int
    total: int = 0

    @property
    def window(self) -> Window:
        return Window(offset=self.page * PAGE, limit=PAGE)

    @property
    def pages(self) -> int:
        return -(-self.total // PAGE)


def wanted(visit: Visit) -> Paging:
    """The page that the address asks for."""
    text = visit.query.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < len(str(LAST)) else 1
    return Paging(max(0, number - 1))
