"""Many record ids in one small value: a row each would be most of the database."""

import json
import zlib
from collections.abc import Iterable, Mapping

from crm_loop.loop_records import RecordLines, RecordRef

#: The quickest level: ids of one kind differ so little that it is nearly the best one too.
_LEVEL = 1


def pack(records: Iterable[RecordRef]) -> bytes:
    if isinstance(records, RecordLines):
        return zlib.compress(records.text.encode(), _LEVEL)
    lines = (f"{one.connection}\t{one.object}\t{one.id}" for one in records)
    return zlib.compress("\n".join(lines).encode(), _LEVEL)


def unpack(packed: bytes) -> list[RecordRef]:
    return list(RecordLines(zlib.decompress(packed).decode()))


def pack_amounts(amounts: Mapping[str, float]) -> bytes:
    """Amounts by record."""
    return zlib.compress(json.dumps(amounts, sort_keys=True).encode(), _LEVEL)


def unpack_amounts(packed: bytes) -> dict[str, float]:
    found: dict[str, float] = json.loads(zlib.decompress(packed))
    return found
