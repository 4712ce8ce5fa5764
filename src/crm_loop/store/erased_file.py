"""The list of erasures apart from the database: a backup from before does not know of them."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from crm_loop.errors import WrongUsage


def append(file: Path, organisation: str, digests: Mapping[str, str]) -> None:
    """Add digests, one a line, on disk before it counts; OSError where it cannot be written."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab") as out:
        for digest, kind in sorted(digests.items()):
            line = {"organisation": organisation, "kind": kind, "digest": digest}
            out.write(f"{json.dumps(line)}\n".encode())
        out.flush()
        os.fsync(out.fileno())


def read(file: Path) -> Iterator[tuple[str, str, str]]:
    """(organisation, kind, digest) of each line; WrongUsage names a line that is none."""
    if not file.exists():
        return
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            yield str(found["organisation"]), str(found["kind"]), str(found["digest"])
        except (ValueError, KeyError, TypeError):
            raise WrongUsage(
                f"{file.name}, line {number}: this names no erasure.",
                code="erased.line",
                kept="Nothing was changed.",
                do="Take the list that crm-loop privacy erase has written.",
            ) from None
