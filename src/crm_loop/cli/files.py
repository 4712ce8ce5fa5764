"""Files that a person names on the command line."""

import sys
from pathlib import Path

from crm_loop.errors import WrongUsage
from crm_loop.setup.encodings import decoded

#: Stands for stdin where something is read, for stdout where it is written.
PIPE = Path("-")


def read_text(file: Path) -> str:
    """The text of a UTF-8 or Shift_JIS file, `-` for stdin; WrongUsage when it cannot be read."""
    try:
        return decoded(sys.stdin.buffer.read() if file == PIPE else file.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is neither UTF-8 nor Shift_JIS text"
        raise WrongUsage(
            f"The file {file} cannot be read: {reason}.",
            code="usage.file",
            kept="Nothing was changed.",
            do="Name another file.",
        ) from None


def write_text(file: Path, text: str) -> None:
    """Write a UTF-8 file, `-` for stdout; WrongUsage when it cannot be written."""
    try:
        if file == PIPE:
            sys.stdout.buffer.write(text.encode())
            sys.stdout.flush()
        else:
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongUsage(
            f"The file {file} cannot be written: {error.strerror}.",
            code="usage.file",
            kept="Nothing was changed.",
            do="Name another file.",
        ) from None
