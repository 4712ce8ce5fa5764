"""The kinds of association: HubSpot's own, and the labels that the account adds."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from crm_loop_sandbox.hubspot.object_types import BY_ID

Pair = tuple[str, str]

#: from, to, type id there, type id back; the plain ("unlabelled") association of each pair.
_PLAIN = (
    ("0-3", "0-27", 215, 216),
    ("0-1", "0-27", 203, 204),
    ("0-2", "0-27", 191, 192),
    ("0-5", "0-27", 229, 230),
    ("0-14", "0-27", 217, 218),
    ("0-136", "0-27", 646, 647),
    ("0-3", "0-48", 205, 206),
    ("0-3", "0-49", 209, 210),
    ("0-3", "0-47", 211, 212),
    ("0-3", "0-46", 213, 214),
    ("0-1", "0-48", 193, 194),
    ("0-1", "0-49", 197, 198),
    ("0-1", "0-47", 199, 200),
    ("0-1", "0-46", 201, 202),
    ("0-2", "0-48", 181, 182),
    ("0-2", "0-49", 185, 186),
    ("0-2", "0-47", 187, 188),
    ("0-2", "0-46", 189, 190),
    ("0-5", "0-48", 219, 220),
    ("0-5", "0-49", 223, 224),
    ("0-5", "0-47", 225, 226),
    ("0-5", "0-46", 227, 228),
    ("0-136", "0-48", 596, 597),
    ("0-136", "0-49", 598, 599),
    ("0-136", "0-47", 600, 601),
    ("0-136", "0-46", 854, 855),
    ("0-48", "0-47", 399, 400),
    ("0-3", "0-1", 3, 4),
    ("0-3", "0-2", 341, 342),
    ("0-1", "0-2", 279, 280),
    ("0-5", "0-1", 16, 15),
    ("0-5", "0-2", 339, 340),
    ("0-3", "0-5", 27, 28),
    ("0-136", "0-1", 608, 609),
    ("0-136", "0-2", 610, 611),
    ("0-3", "0-8", 19, 20),
    ("0-3", "0-14", 63, 64),
    ("0-14", "0-8", 67, 68),
    ("0-14", "0-1", 69, 70),
    ("0-14", "0-2", 71, 72),
    ("0-3", "0-72", 313, 314),
    ("0-3", "0-74", 1357, 1358),
)
#: The same for labelled ones.
_LABELLED = (
    ("0-3", "0-2", 5, 6, "Primary"),
    ("0-1", "0-2", 1, 2, "Primary"),
    ("0-5", "0-2", 26, 25, "Primary"),
    ("0-136", "0-1", 578, 579, "Primary"),
)
#: The first company of these becomes the primary one by itself.
_PRIMARY = frozenset({("0-3", "0-2"), ("0-1", "0-2"), ("0-5", "0-2"), ("0-136", "0-1")})
#: Numbers of the account's own labels start here.
_FIRST_OWN = 10_001


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkType:
    """One direction of an association; `back` is the id of the other one. Plain: no label."""

    id: int
    pair: Pair
    back: int
    name: str
    label: str | None = None
    category: str = "HUBSPOT_DEFINED"

    def shape(self) -> dict[str, object]:
        return {"category": self.category, "typeId": self.id, "label": self.label}


class LinkTypes:
    """Every association type of one account, by pair of object types."""

    def __init__(self) -> None:
        self._by_id: dict[int, LinkType] = {}
        self._plain: dict[Pair, int] = {}
        self._labels: dict[Pair, dict[int, LinkType]] = {}
        labelled = {pair for start, end, *_ in _LABELLED for pair in ((start, end), (end, start))}
        for start, end, there, back in _PLAIN:
            for pair, one, other in (((start, end), there, back), ((end, start), back, there)):
                more = "_unlabeled" if pair in labelled else ""
                self._by_id[one] = LinkType(id=one, pair=pair, back=other, name=_word(pair) + more)
                self._plain[pair] = one
        for start, end, there, back, label in _LABELLED:
            for pair, one, other in (((start, end), there, back), ((end, start), back, there)):
                self._add(LinkType(id=one, pair=pair, back=other, name=_word(pair), label=label))

    def known(self, pair: Pair) -> bool:
        return pair in self._plain

    def plain(self, pair: Pair) -> int:
        return self._plain[pair]

    def labels(self, pair: Pair) -> dict[int, LinkType]:
        """Labelled types of this direction by id."""
        return self._labels.get(pair, {})

    def get(self, type_id: int) -> LinkType:
        return self._by_id[type_id]

    def backs(self, type_ids: Iterable[int]) -> frozenset[int]:
        """The other directions of those ids that are known."""
        return frozenset(self._by_id[one].back for one in type_ids if one in self._by_id)

    def fitting(self, pair: Pair) -> frozenset[int]:
        """Every type id that may join this pair in this direction; empty when none can."""
        if pair not in self._plain:
            return frozenset()
        return frozenset({self._plain[pair], *self.labels(pair)})

    def primary(self, pair: Pair) -> int | None:
        """The type that the first association of such a pair gets by itself."""
        if pair not in _PRIMARY:
            return None
        return next(one.id for one in self.labels(pair).values() if one.id < _FIRST_OWN)

    def named(self, pair: Pair, name: str) -> LinkType | None:
        """By number, or by the name that v3 paths use."""
        found = (self._by_id[one] for one in self.fitting(pair))
        return next((one for one in found if name in {str(one.id), one.name}), None)

    def define(self, pair: Pair, name: str, labels: tuple[str, str]) -> list[LinkType]:
        """A label of the account's own, `labels` there and back; one number if both are one."""
        there = _FIRST_OWN + sum(one >= _FIRST_OWN for one in self._by_id)
        back = there if pair[0] == pair[1] and labels[0] == labels[1] else there + 1
        made = {
            one: LinkType(
                id=one, pair=end, back=other, name=name, label=label, category="USER_DEFINED"
            )
            for one, other, end, label in (
                (back, there, (pair[1], pair[0]), labels[1]),
                (there, back, pair, labels[0]),
            )
        }
        for one in made.values():
            self._add(one)
        return sorted(made.values(), key=lambda one: one.id)

    def rename(self, type_id: int, label: str) -> None:
        self._add(replace(self._by_id[type_id], label=label))

    def remove(self, type_id: int) -> None:
        for one in {type_id, self._by_id[type_id].back}:
            gone = self._by_id.pop(one)
            del self._labels[gone.pair][one]

    def _add(self, made: LinkType) -> None:
        self._by_id[made.id] = made
        self._labels.setdefault(made.pair, {})[made.id] = made


def _word(pair: Pair) -> str:
    return f"{BY_ID[pair[0]].singular}_to_{BY_ID[pair[1]].singular}"
