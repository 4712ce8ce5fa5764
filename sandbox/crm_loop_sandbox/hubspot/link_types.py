"""Ids of HubSpot's own association types, in both directions."""

#: from, to, type id there, type id back; the plain ("unlabelled") association of each pair.
_PLAIN = (
    ("0-3", "0-27", 215, 216),
    ("0-1", "0-27", 203, 204),
    ("0-2", "0-27", 191, 192),
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
    ("0-3", "0-1", 3, 4),
    ("0-3", "0-2", 341, 342),
    ("0-1", "0-2", 279, 280),
    ("0-3", "0-74", 1357, 1358),
)
#: The same for labelled ones.
_LABELLED = (
    ("0-3", "0-2", 5, 6, "Primary"),
    ("0-1", "0-2", 1, 2, "Primary"),
)

PLAIN: dict[tuple[str, str], int] = {}
REVERSE: dict[int, int] = {}
LABELS: dict[tuple[str, str], dict[int, str]] = {}

for _from, _to, _there, _back in _PLAIN:
    PLAIN[_from, _to], PLAIN[_to, _from] = _there, _back
    REVERSE[_there], REVERSE[_back] = _back, _there
for _from, _to, _there, _back, _label in _LABELLED:
    LABELS[_from, _to], LABELS[_to, _from] = {_there: _label}, {_back: _label}
    REVERSE[_there], REVERSE[_back] = _back, _there

#: Type id of the primary company, by pair.
PRIMARY = {("0-3", "0-2"): 5, ("0-1", "0-2"): 1}


def type_ids(pair: tuple[str, str]) -> frozenset[int]:
    """Every type id that may join this pair in this direction; empty when none can."""
    plain = PLAIN.get(pair)
    return frozenset() if plain is None else frozenset({plain, *LABELS.get(pair, ())})
