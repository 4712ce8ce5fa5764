"""The processes of a demonstration: started by us, watched, and ended by their own number."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_loop.errors import NeedsAttention

#: A process that has not answered SIGTERM after this is killed.
GRACE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Process:
    """One `crm-loop` process and the JSON object of its first line."""

    child: subprocess.Popen[str]
    ready: Mapping[str, Any]

    def alive(self) -> bool:
        return self.child.poll() is None

    def stop(self) -> None:
        if self.alive():
            self.child.terminate()
            try:
                self.child.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        if self.child.stdout is not None:
            self.child.stdout.close()


def start(arguments: Sequence[str], *, env: Mapping[str, str], log: Path) -> Process:
    """Start `crm-loop ARGUMENTS` and wait for its first line; its stderr goes to the log."""
    command = [sys.executable, "-m", "crm_loop", *arguments]
    with log.open("ab") as stderr:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and our own program
            command, env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    line = child.stdout.readline() if child.stdout else ""
    try:
        return Process(child, json.loads(line))
    except json.JSONDecodeError:
        Process(child, {}).stop()
        raise NeedsAttention(
            f"crm-loop {arguments[0]} did not start.",
            code="demo.process",
            do=f"Look at the end of {log}.",
        ) from None
