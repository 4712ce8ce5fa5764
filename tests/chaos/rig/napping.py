"""A worker of the product whose only work is to take time; run as a process."""

import signal
import sys
import threading
from dataclasses import replace
from typing import Any

from crm_loop.bootstrap import App, build
from crm_loop.queue import Job
from crm_loop.settings import load_settings
from crm_loop_workers.broker import DramatiqBell, open_broker
from crm_loop_workers.worker import work


def nap(_app: App, job: Job) -> None:
    threading.Event().wait(job.payload.get("seconds", 0))


def main() -> int:
    settings = load_settings()
    app = build(settings)
    broker: Any = open_broker(str(settings.redis_url))
    app = replace(app, bell=DramatiqBell(broker))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    work(app, {"nap": "rig.napping:nap"}, broker, stop)
    app.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
