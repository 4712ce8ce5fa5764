"""Pipelines, their stages, and who changed what in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_loop_sandbox.hubspot.moments import iso
from crm_loop_sandbox.world.story import StageDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """`metadata` are strings, as HubSpot shows them: `isClosed` and `probability` of deals."""

    id: str
    label: str
    order: int
    metadata: Mapping[str, str] = field(default_factory=dict)
    created: int = 0
    updated: int = 0

    @property
    def is_closed(self) -> bool:
        return self.metadata.get("isClosed") == "true"

    @property
    def probability(self) -> float:
        return float(self.metadata.get("probability", 0))

    @property
    def is_won(self) -> bool:
        return self.is_closed and self.probability == 1

    def shape(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "displayOrder": self.order,
            "metadata": dict(self.metadata),
            "id": self.id,
            "createdAt": iso(self.created),
            "updatedAt": iso(self.updated),
            "archived": False,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        }


@dataclass(slots=True, kw_only=True)
class Pipeline:
    """One pipeline; its stages by id. `audit` holds what was done to it and its stages."""

    id: str
    label: str
    order: int = 0
    stages: dict[str, Stage] = field(default_factory=dict)
    created: int = 0
    updated: int = 0
    audit: list[dict[str, Any]] = field(default_factory=list)

    def in_order(self) -> list[Stage]:
        return sorted(self.stages.values(), key=lambda one: (one.order, one.label))

    def first_open(self) -> str:
        return next(one.id for one in self.in_order() if not one.is_closed)

    def won(self) -> str:
        return next(one.id for one in self.in_order() if one.is_won)

    def shape(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "displayOrder": self.order,
            "id": self.id,
            "stages": [stage.shape() for stage in self.in_order()],
            "createdAt": iso(self.created),
            "updatedAt": iso(self.updated),
            "archived": False,
        }


def sales_pipeline(stages: Sequence[StageDef]) -> Pipeline:
    """The pipeline of the world's deals; two of its stages may share one of ours."""
    made: dict[str, Stage] = {}
    for order, stage in enumerate(stages):
        stage_id, label = stage.hubspot
        closed = "true" if stage.is_closed else "false"
        metadata = {"isClosed": closed, "probability": str(float(stage.probability))}
        made.setdefault(stage_id, Stage(id=stage_id, label=label, order=order, metadata=metadata))
    return Pipeline(id="default", label="Sales Pipeline", stages=made)


def support_pipeline() -> Pipeline:
    """What a new account has for tickets."""
    names = ("New", "Waiting on contact", "Waiting on us", "Closed")
    stages = {
        str(number): Stage(
            id=str(number),
            label=label,
            order=number - 1,
            metadata={"ticketState": "CLOSED" if label == "Closed" else "OPEN"},
        )
        for number, label in enumerate(names, 1)
    }
    return Pipeline(id="0", label="Support Pipeline", stages=stages)


def lead_pipeline() -> Pipeline:
    """What a new account has for leads."""
    names = ("New", "Attempting", "Connected", "Qualified", "Unqualified")
    stages = {
        f"{label.lower()}-stage-id": Stage(
            id=f"{label.lower()}-stage-id", label=label, order=order, metadata={}
        )
        for order, label in enumerate(names)
    }
    return Pipeline(id="lead-pipeline-id", label="Lead pipeline", stages=stages)
