"""The worked examples, by id."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def example(shared: Path) -> Callable[[str], Any]:
    file = shared / "spec" / "domain_examples.json"
    by_id = {one["id"]: one for one in json.loads(file.read_text("utf-8"))["examples"]}
    return by_id.__getitem__
