"""Names of properties that cannot be derived, since HubSpot makes them up."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crm_loop.connector.contract import Ports
from crm_loop_hubspot.listing import results
from crm_loop_hubspot.translate.kinds import DEALS
from crm_loop_hubspot.transport import Api

#: When a deal came into the stage it is in; not every portal has it.
INTO_CURRENT = "hs_v2_date_entered_current_stage"
#: When it came into one stage; the second name is the one of older portals.
_INTO = ("hs_v2_date_entered_", "hs_date_entered_")
_NOTE = "hubspot.entered"
_ODD = re.compile(r"[^a-z0-9]+")


def entered_names(names: Iterable[str], stages: Iterable[str]) -> dict[str, str]:
    """The property with the moment of entering, by stage ("": the stage it is in).

    A stage's id stands in the name with its odd signs replaced, and perhaps with a number.
    """
    known = set(names)
    if INTO_CURRENT in known:
        return {"": INTO_CURRENT}
    found: dict[str, str] = {}
    for prefix in _INTO:
        ends = {name.removeprefix(prefix): name for name in known if name.startswith(prefix)}
        for stage in stages:
            if stage not in found and (name := _of_stage(stage, ends)):
                found[stage] = name
    return found


def _of_stage(stage: str, ends: Mapping[str, str]) -> str | None:
    plain = _ODD.sub("_", stage.lower())
    numbered = re.compile(re.escape(plain) + r"_\d+")
    fitting = [end for end in ends if end == plain or numbered.fullmatch(end)]
    return ends[min(fitting, key=len)] if fitting else None


@dataclass(slots=True)
class Discovered:
    """Names of the properties of deals in one portal; asked for once a day."""

    api: Api
    ports: Ports
    own: Sequence[str] = ()
    _entered: tuple[str, ...] = ()

    def entered(self, stages: Iterable[str]) -> dict[str, str]:
        today = self.ports.clock().date().isoformat()
        note = self.ports.notebook.get(_NOTE) or {}
        found = dict(note.get("entered") or {})
        if note.get("on") != today:
            names = [str(row.get("name")) for row in results(self.api.get(self._path))]
            found = entered_names(names, sorted(stages))
            self.ports.notebook.put(_NOTE, {"on": today, "entered": found})
        self._entered = tuple(sorted(set(found.values())))
        return found

    def deal_properties(self) -> tuple[str, ...]:
        """What is read of a deal here, with the portal's own properties that an admin chose."""
        return tuple(dict.fromkeys([*DEALS.properties, *self._entered, *self.own]))

    @property
    def _path(self) -> str:
        return self.api.paths.properties(DEALS.name)
