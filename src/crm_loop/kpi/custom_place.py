"""Where in a file of own KPIs something stands, for errors."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from crm_loop.errors import WrongUsage

_BLOCK = re.compile(r"\s*\[\[\s*kpi\s*\]\]")


@dataclass(frozen=True, slots=True)
class Place:
    """A block of a file.

    `own` are the fields of the CRM's own that are pulled, by kind; `lost` those that are named in
    the settings and that no CRM shows, as kind.name; `hidden` kinds that no CRM shows.
    """

    file: str
    lines: Sequence[str]
    block: int
    own: Mapping[str, Collection[str]] = field(default_factory=dict, repr=False)
    hidden: Collection[str] = field(default=(), repr=False)
    lost: Collection[str] = field(default=(), repr=False)

    def wrong(self, what: str, key: str = "[[kpi]]") -> WrongUsage:
        """What is wrong, at the first place in the block where the key is written."""
        line, column = self._find(key)
        return WrongUsage(
            f"{self.file}, line {line}, column {column}: {what}.",
            code="kpi.definition",
            kept="Nothing was switched on.",
            do="Correct the line and check the file again: crm-loop kpi check FILE.",
        )

    def _find(self, key: str) -> tuple[int, int]:
        starts = [n for n, line in enumerate(self.lines) if _BLOCK.match(line)]
        first = starts[self.block] if self.block < len(starts) else 0
        last = starts[self.block + 1] if self.block + 1 < len(starts) else len(self.lines)
        word = rf"(?<![\w-]){re.escape(key)}(?![\w-])"
        # Where it is set, else where it is named, else wherever it is: an op is no word.
        for wanted in (rf"{word}[\w.\"']*\s*=", word, re.escape(key)):
            for number in range(first, last):
                found = re.search(wanted, self.lines[number])
                if found:
                    return number + 1, found.start() + 1
        return first + 1, 1
