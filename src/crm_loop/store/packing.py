"""Many record ids in one small value: a row each would be most of the database."""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from crm_loop.loop_records import AmountLines, RecordLines, RecordRef

#: The quickest level: ids of one kind differ so little that it is nearly the best one too.
_LEVEL = 1
#: A text of fewer characters is kept as it is, behind this mark: packing it would save nothing.
_SHORT, _PLAIN = 120, b"="


def plain(value: Any) -> Any:
    """What JSON can hold, of records within records; the library's own way takes four times."""
    kind = type(value)
    if kind is str or kind is float or value is None:
        return value
    names = _names(kind)
    if names:
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value


_NAMES: dict[type[object], tuple[str, ...]] = {}


def _names(kind: type[object]) -> tuple[str, ...]:
    if kind not in _NAMES:
        _NAMES[kind] = tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()
    return _NAMES[kind]


def pack(records: Iterable[RecordRef]) -> bytes:
    if isinstance(records, RecordLines):
        return _packed(records.text)
    lines = (f"{one.connection}\t{one.object}\t{one.id}" for one in records)
    return _packed("\n".join(lines))


def pack_given(records: Iterable[RecordRef]) -> bytes | None:
    """What each of the records gave, where that is known."""
    known = records.given if isinstance(records, RecordLines) else None
    return None if known is None else _packed(known)


def unpack_lines(packed: bytes, given: bytes | None) -> RecordLines:
    """Records with what each of them gave, as far as that was kept."""
    return RecordLines(_unpacked(packed), None if given is None else _unpacked(given))


def unpack(packed: bytes) -> list[RecordRef]:
    return list(RecordLines(_unpacked(packed)))


def _packed(text: str) -> bytes:
    plain_ = text.encode()
    return _PLAIN + plain_ if len(plain_) < _SHORT else zlib.compress(plain_, _LEVEL)


def _unpacked(packed: bytes) -> str:
    return (packed[1:] if packed[:1] == _PLAIN else zlib.decompress(packed)).decode()


def pack_amounts(amounts: Mapping[str, float]) -> bytes:
    """Amounts by record."""
    if isinstance(amounts, AmountLines):
        return _packed(amounts.text)
    lines = (f"{name}\t{amount!r}" for name, amount in sorted(amounts.items()))
    return _packed("\n".join(lines))


def unpack_amounts(packed: bytes) -> Mapping[str, float]:
    text = _unpacked(packed)
    if text.startswith("{"):
        # As earlier versions kept them.
        found: dict[str, float] = json.loads(text)
        return found
    return AmountLines(text)
