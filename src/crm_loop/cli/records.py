"""Records behind a figure, one by one with their pages: nothing of them is ever cut."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from rich.console import Console

from crm_loop.kpi import screens
from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.screens import Reader

Records = Sequence[Mapping[str, Any]]
#: What a record gives to a figure of these units says more than that it counts, and its unit.
_SAYS_MORE = {"money": "money", "days": "days", "times": "money"}


def show_records(console: Console, records: Records, kpi: Kpi, reader: Reader) -> None:
    """Those that count first, each group under why it does or does not."""
    ordered = sorted(records, key=lambda one: not one["counted"])
    for why, group in groupby(ordered, key=lambda one: one["why"]):
        console.print(why, highlight=False)
        for one in group:
            _show(console, one, kpi, reader)


def _show(console: Console, one: Mapping[str, Any], kpi: Kpi, reader: Reader) -> None:
    name = f"  {one['connection']}:{one['object']}:{one['id']}"
    if kpi.unit in _SAYS_MORE and one["amount"] is not None:
        gave = replace(kpi, unit=_SAYS_MORE[kpi.unit])
        name += f"  {screens.amount(one['amount'], gave, reader)}"
    lines = [name, *([f"    {one['url']}"] if one["url"] else [])]
    # A link that is broken over two lines opens nothing.
    console.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)
