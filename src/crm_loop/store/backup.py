"""Everything that the database holds, in one file that either kind of database can take back.

The file is a ZIP archive: one list of rows a table, one JSON array a line, and a manifest that
is written last. Credentials stand in it as in the database, sealed; the key is not in it.
"""

import base64
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, LargeBinary, Table, delete, insert, select, types

from crm_loop.errors import Refused, WrongUsage
from crm_loop.store.engine import snapshot
from crm_loop.store.erased import Erased
from crm_loop.store.erasing import erase_again, wipe
from crm_loop.store.tables import keys, work
from crm_loop.store.tables.columns import Exact, Moment, Money, Named, Names, metadata

SCHEMA = 1
MANIFEST = "manifest.json"
#: Rows that are held in memory at once.
AT_ONCE = 2000

Value = Callable[[Any], Any]
#: Organisation, kind and digest of somebody who was erased.
Erasure = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds. `revision` is that of the tables, `rows` counts by table."""

    revision: str
    version: str
    made_at: datetime
    rows: Mapping[str, int]


def back_up(engine: Engine, file: Path, *, version: str, made_at: datetime) -> Manifest:
    """Write one consistent moment of the database; others go on reading and writing.

    The file appears whole or not at all, readable by its owner only. WrongUsage when there is
    one of that name already, or none can be written there.
    """
    if file.exists():
        raise WrongUsage(
            f"The file {file.name} is there already.",
            code="backup.exists",
            kept="It was not touched.",
            do="Name another file.",
        )
    part = file.with_name(f"{file.name}.part")
    try:
        with _private(part) as raw:
            manifest = back_up_to(raw, engine, version=version, made_at=made_at)
        part.replace(file)
    except OSError as error:
        raise unwritable(file, error) from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return manifest


def unwritable(file: Path, error: OSError) -> WrongUsage:
    """A file that cannot be written: a folder that is not there or not ours, or a full disk."""
    return WrongUsage(
        f"The file {file} cannot be written: {error.strerror}.",
        code="usage.file",
        kept="Nothing was changed.",
        do="Name another file.",
    )


def back_up_to(stream: IO[bytes], engine: Engine, *, version: str, made_at: datetime) -> Manifest:
    """Write the same to a stream that cannot be read or wound back, as a pipe."""
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        with snapshot(engine) as connection:
            rows = {
                table.name: _write_table(connection, table, archive)
                for table in metadata.sorted_tables
            }
            revision = _revision(connection)
        manifest = Manifest(revision=revision, version=version, made_at=made_at, rows=rows)
        archive.writestr(MANIFEST, json.dumps(_plain_manifest(manifest)))
    return manifest


def manifest_of(file: Path) -> Manifest:
    """What a backup holds; WrongUsage when the file is none."""
    try:
        with zipfile.ZipFile(file) as archive:
            found = json.loads(archive.read(MANIFEST))[f"schema {SCHEMA}"]
        return Manifest(
            revision=found["revision"],
            version=found["version"],
            made_at=datetime.fromisoformat(found["made_at"]),
            rows=found["rows"],
        )
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        raise WrongUsage(
            f"The file {file.name} is no whole backup of crm_loop.",
            code="backup.not_one",
            kept="Nothing was changed.",
            do="Choose a file that crm-loop backup has written.",
        ) from None


def restore(engine: Engine, file: Path, erased: Iterable[Erasure] = ()) -> Manifest:
    """Fill an empty database of the same revision; all of it or nothing.

    Whoever is named by `erased` (organisation, kind and digest) or was erased before the backup
    was made does not come back.

    WrongUsage when the file is no backup or of another revision, Refused when the database
    holds an organisation already.
    """
    manifest = manifest_of(file)
    with zipfile.ZipFile(file) as archive, engine.begin() as connection:
        _check_fits(connection, manifest)
        # An empty house has a key already; what comes opens with the one that it brings.
        connection.execute(delete(keys.data_key))
        for table in metadata.sorted_tables:
            count = _read_table(connection, table, archive)
            if count != manifest.rows.get(table.name):
                raise WrongUsage(
                    f"The backup is damaged: rows of {table.name} are missing.",
                    code="backup.damaged",
                    kept="Nothing was changed.",
                    do="Choose another backup.",
                )
        now = datetime.now(UTC)
        for organisation, kind, digest in erased:
            Erased(connection, organisation).add({digest: kind}, at=now)
        again = erase_again(connection, at=now)
    if again:
        wipe(engine)
    return manifest


def _check_fits(connection: Connection, manifest: Manifest) -> None:
    revision = _revision(connection)
    if manifest.revision != revision:
        raise WrongUsage(
            f"This backup was made by crm_loop {manifest.version}, whose tables differ.",
            code="backup.revision",
            kept="Nothing was changed.",
            do=f"Restore it with crm_loop {manifest.version}; then upgrade.",
        )
    if connection.scalar(select(work.organisation_.c.organisation).limit(1)) is not None:
        raise Refused(
            "The database holds an organisation already.",
            code="backup.not_empty",
            kept="Nothing was changed.",
            do="Let CRM_LOOP_DATABASE_URL name a new database and run it again.",
        )


def _revision(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    """A new file that only its owner can read, on disk before it counts."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        yield raw
        raw.flush()
        os.fsync(raw.fileno())


def _write_table(connection: Connection, table: Table, archive: zipfile.ZipFile) -> int:
    written = 0
    stream = connection.execution_options(yield_per=AT_ONCE).execute(
        select(table).order_by(*table.primary_key.columns)
    )
    with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as lines:
        lines.write(_line([column.name for column in table.columns]))
        for row in stream:
            lines.write(_line([_plain(value) for value in row]))
            written += 1
    return written


def _read_table(connection: Connection, table: Table, archive: zipfile.ZipFile) -> int:
    read = 0
    with archive.open(f"{table.name}.jsonl") as lines:
        names = json.loads(lines.readline())
        typed = [_typed(table.c[name].type) for name in names]
        rows = (
            {name: to(value) for name, to, value in _cells(names, typed, line)} for line in lines
        )
        while batch := list(islice(rows, AT_ONCE)):
            connection.execute(insert(table), batch)
            read += len(batch)
    return read


def _cells(names: Sequence[str], typed: Sequence[Value], line: bytes) -> Iterator[Any]:
    return zip(names, typed, json.loads(line), strict=True)


def _line(values: Sequence[Any]) -> bytes:
    return (json.dumps(values, ensure_ascii=False) + "\n").encode()


def _plain(value: Any) -> Any:
    """A value as JSON can hold it; the column's type knows the way back."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


#: From JSON back to what a column of such a type takes; other types take what JSON holds.
_BACK: Mapping[type[Any], Value] = {
    Moment: datetime.fromisoformat,
    types.Date: date.fromisoformat,
    types.Time: time.fromisoformat,
    Money: Decimal,
    Exact: Decimal,
    Names: tuple,
    Named: dict,
    LargeBinary: base64.b64decode,
}


def _typed(type_: types.TypeEngine[Any]) -> Value:
    back = next((to for known, to in _BACK.items() if isinstance(type_, known)), None)
    return lambda value: value if value is None or back is None else back(value)


def _plain_manifest(manifest: Manifest) -> Mapping[str, Any]:
    held = asdict(manifest) | {"made_at": manifest.made_at.isoformat()}
    return {f"schema {SCHEMA}": held}
