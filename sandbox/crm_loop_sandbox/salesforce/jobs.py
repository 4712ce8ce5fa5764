"""Bulk jobs of both versions: what was asked, how far it is, what came of it."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_loop_sandbox.salesforce.csv_text import DELIMITERS, LINE_ENDINGS, Lines, lines_of
from crm_loop_sandbox.salesforce.org import Org, Row
from crm_loop_sandbox.salesforce.soql.paths import Path

#: Rows that are written out in one go; other requests come in between.
SLICE = 1_000
#: A job waits in line for this part of its time.
QUEUED_PART = 0.1


@dataclass(slots=True, kw_only=True)
class Job:
    """`state` is set where the job has not just to be waited for; times of it are real time."""

    id: str
    operation: str
    object: str
    version: str
    user: str
    created: str
    takes_seconds: float
    state: str | None = None
    error: str | None = None
    delimiter: str = "COMMA"
    ending: str = "LF"
    began: float = field(default_factory=time.monotonic)

    @property
    def passed(self) -> float:
        return time.monotonic() - self.began

    @property
    def separators(self) -> tuple[str, str]:
        return DELIMITERS[self.delimiter], LINE_ENDINGS[self.ending]


@dataclass(slots=True, kw_only=True)
class QueryJob(Job):
    """The result is written out when the job is made: later edits do not show in it."""

    query: str
    paths: Sequence[Path]
    lines: Lines = field(default_factory=Lines)
    records: int = 0
    writing: Any = None

    def current(self) -> str:
        if self.state is not None:
            return self.state
        if self.passed < self.takes_seconds * QUEUED_PART:
            return "UploadComplete"
        done = self.passed >= self.takes_seconds and len(self.lines) == self.records
        return "JobComplete" if done else "InProgress"

    def fill(self, rows: Sequence[Row], turn: asyncio.Lock) -> None:
        """Write out the first rows at once and the others in slices, one job after another.

        A long job that came later does not hold up one that is nearly done.
        """
        self.records = len(rows)
        self._write(rows[:SLICE])
        if len(rows) > SLICE:
            rest = self._write_rest(rows[SLICE:], turn)
            self.writing = asyncio.get_running_loop().create_task(rest)

    def header(self) -> str:
        names = [".".join(path.names) for path in self.paths]
        delimiter, ending = self.separators
        quoted = [f'"{name}"' for name in names]
        return delimiter.join(quoted) + ending

    async def _write_rest(self, rows: Sequence[Row], turn: asyncio.Lock) -> None:
        async with turn:
            for start in range(0, len(rows), SLICE):
                await asyncio.sleep(0)
                self._write(rows[start : start + SLICE])

    def _write(self, rows: Sequence[Row]) -> None:
        self.lines.extend(lines_of(rows, self.paths, *self.separators))


@dataclass(slots=True, kw_only=True)
class IngestJob(Job):
    """`state` moves by itself from UploadComplete to JobComplete once its time has passed."""

    external_field: str | None = None
    raw: bytes = b""
    columns: list[str] = field(default_factory=list)
    done: list[tuple[str, bool, list[str]]] = field(default_factory=list)
    refused: list[tuple[str, str, list[str]]] = field(default_factory=list)

    def current(self) -> str:
        if self.state != "UploadComplete":
            return self.state or "Open"
        if self.passed < self.takes_seconds * QUEUED_PART:
            return "UploadComplete"
        return "InProgress" if self.passed < self.takes_seconds else "JobComplete"


def new_job_id(org: Org) -> str:
    return org.new_id("AsyncApexJob")


def jobs_of(org: Org, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = org.kernel.scratch.setdefault(f"sf.jobs.{kind}", {})
    return found
