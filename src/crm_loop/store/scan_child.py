"""The program that reads an SQLite file into columns for somebody else: `scan_file` starts it.

It is run as a file of its own and imports nothing of the package, so that it is there at once. Both
ways a message is its length in eight bytes and that many bytes: a statement in; out the columns as
an Arrow stream, or what SQLite said, behind one byte that tells which.
"""

import signal
import sys
from io import BytesIO
from typing import IO, Any

LENGTH = 8
WELL, WRONG = b"+", b"-"
#: How many rows this driver looks at before it decides what a column holds. One that begins with
#: a thousand empty rows would be taken for numbers.
_BATCH = "adbc.sqlite.query.batch_rows"


def message(file: IO[bytes]) -> bytes | None:
    """The next message; nothing when the other side has gone."""
    head = file.read(LENGTH)
    if len(head) < LENGTH:
        return None
    expected = int.from_bytes(head, "big")
    body = file.read(expected)
    return body if len(body) == expected else None


def send(file: IO[bytes], body: bytes | memoryview) -> None:
    file.write(len(body).to_bytes(LENGTH, "big"))
    file.write(body)
    file.flush()


def serve(uri: str, rows: str, asks: IO[bytes], answers: IO[bytes]) -> str | None:
    """Answer statements from one look at the file, until nobody asks any more.

    Returns what is wrong when the file cannot be opened.
    """
    from adbc_driver_sqlite import dbapi  # noqa: PLC0415 - whoever starts this needs none of it

    try:
        connection = dbapi.connect(uri)
    except dbapi.Error as error:
        return str(error)
    with connection:
        while (sql := message(asks)) is not None:
            try:
                columns = _columns(connection, sql.decode(), rows)
            except dbapi.Error as error:
                _say(answers, WRONG, str(error).encode())
            else:
                _say(answers, WELL, columns)
    return None


def _say(answers: IO[bytes], how: bytes, body: bytes | memoryview) -> None:
    answers.write(how)
    send(answers, body)


def _columns(connection: Any, sql: str, rows: str) -> memoryview:
    import polars as pl  # noqa: PLC0415 - as above

    with connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{_BATCH: rows})
        cursor.execute(sql)
        packed = BytesIO()
        pl.DataFrame(cursor.fetch_arrow()).write_ipc_stream(packed)
    return packed.getbuffer()


if __name__ == "__main__":
    # Whoever started it may have work to finish when all are asked to end; it ends with them.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(serve(sys.argv[1], sys.argv[2], sys.stdin.buffer, sys.stdout.buffer))
