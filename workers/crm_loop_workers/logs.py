"""JSON lines on stderr: ids and codes only, no person's name, no secret."""

import json
import logging
import sys
from datetime import UTC, datetime

FIELDS = ("organisation", "job_id", "attempt", "outcome", "pid")


class JsonLines(logging.Formatter):
    """One object a line; line breaks in a message cannot forge a second one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "event": record.getMessage(),
            **{name: getattr(record, name) for name in FIELDS if hasattr(record, name)},
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # The broker's own lines repeat every job; ours say what became of it.
    logging.getLogger("dramatiq").setLevel(logging.CRITICAL)
