"""Associations between records, kept in both directions."""

from bisect import bisect_left, insort
from collections.abc import Sequence

from crm_loop_sandbox.hubspot.link_types import LinkTypes, Pair


class Links:
    """Who is joined to whom. Every edge has its plain type; labels are kept beside it."""

    def __init__(self, types: LinkTypes) -> None:
        self._known = types
        #: most records have one target, which is kept bare: a list each would cost more
        #: memory than the records' own values
        self._targets: dict[Pair, dict[int, int | list[int]]] = {}
        self._labels: dict[Pair, dict[tuple[int, int], frozenset[int]]] = {}

    def targets(self, pair: Pair, from_id: int) -> Sequence[int]:
        """Ids joined to this record, ascending."""
        held = self._targets.get(pair, {}).get(from_id, ())
        return (held,) if isinstance(held, int) else held

    def types(self, pair: Pair, from_id: int, to_id: int) -> list[int]:
        """Labelled types first, the plain one last."""
        labels = self.labels(pair, from_id, to_id)
        return [*sorted(labels), self._known.plain(pair)]

    def labels(self, pair: Pair, from_id: int, to_id: int) -> frozenset[int]:
        return self._labels.get(pair, {}).get((from_id, to_id), frozenset())

    def join(self, pair: Pair, from_id: int, to_id: int) -> bool:
        """Whether they were not joined before."""
        if not self._one_way(pair, from_id, to_id):
            return False
        self._one_way((pair[1], pair[0]), to_id, from_id)
        return True

    def label(self, pair: Pair, edge: tuple[int, int], types: frozenset[int]) -> None:
        """Replace the labels of an edge, in both directions; plain types are ignored."""
        labels = types - {self._known.plain(pair)}
        self._set_labels(pair, edge, labels)
        self._set_labels((pair[1], pair[0]), (edge[1], edge[0]), self._known.backs(labels))

    def part(self, pair: Pair, from_id: int, to_id: int) -> bool:
        """Whether they were joined until now."""
        if to_id not in self.targets(pair, from_id):
            return False
        self.label(pair, (from_id, to_id), frozenset())
        self._forget(pair, from_id, to_id)
        if pair[0] != pair[1] or from_id != to_id:
            self._forget((pair[1], pair[0]), to_id, from_id)
        return True

    def move(self, type_id: str, from_id: int, to_id: int) -> None:
        """Hand every association of one record, labels included, to another."""
        for pair in self.pairs_of(type_id):
            for other in list(self.targets(pair, from_id)):
                labels = self.labels(pair, from_id, other)
                self.part(pair, from_id, other)
                if other != to_id and self.join(pair, to_id, other):
                    self.label(pair, (to_id, other), labels)

    def drop(self, type_id: str, row_id: int) -> None:
        """End every association of a record."""
        for pair in self.pairs_of(type_id):
            for other in list(self.targets(pair, row_id)):
                self.part(pair, row_id, other)

    def pairs_of(self, type_id: str) -> list[Pair]:
        """Every pair that records of this type take part in, from their side."""
        return sorted(pair for pair in self._targets if pair[0] == type_id)

    def forget_label(self, type_id: int, pair: Pair) -> None:
        """Take a label away from every edge that carries it."""
        carrying = [edge for edge, held in self._labels.get(pair, {}).items() if type_id in held]
        for edge in carrying:
            self.label(pair, edge, self.labels(pair, *edge) - {type_id})

    def _one_way(self, pair: Pair, from_id: int, to_id: int) -> bool:
        known = self._targets.setdefault(pair, {})
        held = known.get(from_id)
        if held is None or held == to_id:
            known[from_id] = to_id
            return held is None
        ids = [held] if isinstance(held, int) else held
        known[from_id] = ids
        place = bisect_left(ids, to_id)
        if place < len(ids) and ids[place] == to_id:
            return False
        insort(ids, to_id)
        return True

    def _set_labels(self, pair: Pair, edge: tuple[int, int], labels: frozenset[int]) -> None:
        known = self._labels.setdefault(pair, {})
        known.pop(edge, None)
        if labels:
            known[edge] = labels

    def _forget(self, pair: Pair, from_id: int, to_id: int) -> None:
        known = self._targets[pair]
        left = [one for one in self.targets(pair, from_id) if one != to_id]
        if left:
            known[from_id] = left
        else:
            del known[from_id]
