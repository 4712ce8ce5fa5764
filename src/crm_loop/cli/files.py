"""Files that a person names on the command line."""

import sys
from collections.abc import Iterable
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
    write_pieces(file, [text])


def write_pieces(file: Path, pieces: Iterable[str]) -> None:
    """Write a UTF-8 file piece by piece, as they come; `-` for stdout."""
    try:
        if file == PIPE:
            for piece in pieces:
                sys.stdout.buffer.write(piece.encode())
            sys.stdout.flush()
        else:
            with file.open("w", encoding="utf-8") as there:
                there.writelines(pieces)
    except OSError as error:
        raise WrongUsage(
            f"The file {file} cannot be written: {error.strerror}.",
            code="usage.file",
            kept="Nothing was changed.",
            do="Name another file.",
        ) from None
