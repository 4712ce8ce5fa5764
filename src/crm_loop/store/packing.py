"""Many record ids in one small value: a row each would be most of the database."""

import json
import zlib
from collections.abc import Iterable, Mapping

from crm_loop.loop_records import RecordRef

#: The quickest level: ids of one kind differ so little that it is nearly the best one too.
_LEVEL = 1


def pack(records: Iterable[RecordRef]) -> bytes:
    lines = (f"{one.connection}\t{one.object}\t{one.id}" for one in records)
    return zlib.compress("\n".join(lines).encode(), _LEVEL)


def unpack(packed: bytes) -> list[RecordRef]:
    lines = zlib.decompress(packed).decode().split("\n")
    parts = (line.split("\t") for line in lines if line)
    return [RecordRef(connection=c, object=o, id=i) for c, o, i in parts]


def pack_amounts(amounts: Mapping[str, float]) -> bytes:
    """Amounts by record."""
    return zlib.compress(json.dumps(amounts, sort_keys=True).encode(), _LEVEL)


def unpack_amounts(packed: bytes) -> dict[str, float]:
    found: dict[str, float] = json.loads(zlib.decompress(packed))
    return found
