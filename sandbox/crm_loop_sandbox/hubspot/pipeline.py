"""The deal pipeline and its stages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm_loop_sandbox.world.story import StageDef

_BORN = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    id: str
    label: str
    order: int
    probability: float
    is_closed: bool
    is_won: bool

    def shape(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "displayOrder": self.order,
            "metadata": {
                "isClosed": "true" if self.is_closed else "false",
                "probability": str(float(self.probability)),
            },
            "id": self.id,
            "createdAt": _BORN,
            "updatedAt": _BORN,
            "archived": False,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        }


class Pipeline:
    """The one pipeline of the portal; its stages in order."""

    id = "default"
    label = "Sales Pipeline"

    def __init__(self, stages: Sequence[StageDef]) -> None:
        #: by place in the world's list, where two may share one stage of ours
        self.by_index = tuple(stage.hubspot[0] for stage in stages)
        self.stages: dict[str, Stage] = {}
        for order, stage in enumerate(stages):
            stage_id, label = stage.hubspot
            self.stages.setdefault(
                stage_id,
                Stage(
                    id=stage_id,
                    label=label,
                    order=order,
                    probability=stage.probability,
                    is_closed=stage.is_closed,
                    is_won=stage.is_won,
                ),
            )

    def first_open(self) -> str:
        return next(one.id for one in self.stages.values() if not one.is_closed)

    def won(self) -> str:
        return next(one.id for one in self.stages.values() if one.is_won)

    def shape(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "displayOrder": 0,
            "id": self.id,
            "stages": [stage.shape() for stage in self.stages.values()],
            "createdAt": _BORN,
            "updatedAt": _BORN,
            "archived": False,
        }
