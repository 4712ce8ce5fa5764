"""A console over a copy of a store that was filled once."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from console_house import House, away, settings_of

from crm_loop.bootstrap import build
from crm_loop.console.serving import create


@contextmanager
def opened(seeded: Path, folder: Path, connector: Any = away, **more: Any) -> Iterator[House]:
    shutil.copytree(seeded, folder)
    app = build(
        settings_of(folder, **more), connectors={"salesforce": connector, "hubspot": connector}
    )
    yield House(app, create(app))
    app.close()
