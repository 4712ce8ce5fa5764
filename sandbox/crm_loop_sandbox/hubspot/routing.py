"""The one route table: which path means what, in every version family HubSpot has."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from crm_loop_sandbox.hubspot.call import Call, Reply

BETAS = frozenset({"2026-09-beta", "2027-03-beta"})
DATED = frozenset({"2025-09", "2026-03", "2026-09"}) | BETAS
V1 = frozenset({"v1"})
V2 = frozenset({"v2"})
V3 = frozenset({"v3"}) | DATED
V4 = frozenset({"v4"}) | DATED
_NUMBERED = frozenset({"v1", "v2", "v3", "v4"})
#: Families whose version may follow the resource (`/crm/objects/2026-03`, also
#: `/crm/objects/v3`, which HubSpot's own paging links use); elsewhere it comes first.
_VERSION_SECOND = frozenset({"crm", "settings"})

Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` leaves the version out: `crm/objects/{type}`. `open`: needs no token."""

    method: str
    pattern: str
    handler: Handler
    versions: frozenset[str] = V3
    open: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    rule: Rule
    version: str
    names: dict[str, str]


def split_version(path: str) -> tuple[str, list[str]]:
    """The version and the other parts of a path; the version is empty where none stands."""
    parts = [part for part in path.split("/") if part]
    second = bool(parts) and parts[0] in _VERSION_SECOND
    places = ((1, _NUMBERED), (2, _NUMBERED | DATED)) if second else ((1, _NUMBERED | DATED),)
    for place, known in places:
        if len(parts) > place and parts[place] in known:
            return parts[place], parts[:place] + parts[place + 1 :]
    return "", parts


class Router:
    """Finds the rule for a request by number of parts, fixed words before open ones."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules: dict[int, list[tuple[list[str], Rule]]] = {}
        rules = list(rules)
        #: First words of all paths that some API answers.
        self.roots = frozenset(rule.pattern.partition("/")[0] for rule in rules)
        for rule in sorted(rules, key=lambda one: one.pattern.count("{")):
            words = rule.pattern.split("/")
            self._rules.setdefault(len(words), []).append((words, rule))

    def find(self, method: str, path: str) -> Found | None:
        version, parts = split_version(path)
        for words, rule in self._rules.get(len(parts), ()):
            if rule.method == method and version in rule.versions and _fits(words, parts):
                names = {
                    word[1:-1]: part
                    for word, part in zip(words, parts, strict=True)
                    if word[0] == "{"
                }
                return Found(rule, version, names)
        return None

    def methods(self, path: str) -> list[str]:
        """Which methods this path knows."""
        version, parts = split_version(path)
        candidates = self._rules.get(len(parts), ())
        return sorted(
            rule.method
            for words, rule in candidates
            if version in rule.versions and _fits(words, parts)
        )


def _fits(words: list[str], parts: list[str]) -> bool:
    return all(word == part or word[0] == "{" for word, part in zip(words, parts, strict=True))
