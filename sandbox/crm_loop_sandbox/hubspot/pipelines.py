"""All pipelines of an account, by object type."""

from collections.abc import Mapping, Sequence

from crm_loop_sandbox.hubspot.object_types import DEAL, LEAD, TICKET, ObjectType
from crm_loop_sandbox.hubspot.pipeline import (
    Pipeline,
    Stage,
    lead_pipeline,
    sales_pipeline,
    support_pipeline,
)
from crm_loop_sandbox.world.story import StageDef

#: Which properties name the pipeline and the stage of a record.
PLACES = {
    DEAL.id: ("pipeline", "dealstage"),
    TICKET.id: ("hs_pipeline", "hs_pipeline_stage"),
    LEAD.id: ("hs_pipeline", "hs_pipeline_stage"),
}


class Pipelines:
    """`sales` is the one that the world's deals live in."""

    def __init__(self, stages: Sequence[StageDef]) -> None:
        self.sales = sales_pipeline(stages)
        #: by place in the world's list of stages
        self.by_index = tuple(stage.hubspot[0] for stage in stages)
        self._all = {
            DEAL.id: {self.sales.id: self.sales},
            TICKET.id: _one(support_pipeline()),
            LEAD.id: _one(lead_pipeline()),
        }
        self._deal_stages: dict[str, Stage] = {}
        self.changed()

    def of(self, kind: ObjectType) -> dict[str, Pipeline]:
        return self._all.get(kind.id, {})

    def has(self, kind: ObjectType) -> bool:
        return kind.id in self._all

    @property
    def deal_stages(self) -> Mapping[str, Stage]:
        """Stages of every deal pipeline by id."""
        return self._deal_stages

    def pipeline_of_stage(self, kind: ObjectType, stage_id: str) -> str | None:
        found = (one.id for one in self.of(kind).values() if stage_id in one.stages)
        return next(found, None)

    def options(self, kind: ObjectType, name: str) -> dict[str, str] | None:
        """Labels by value of a property that names a pipeline or a stage; None for others."""
        places = PLACES.get(kind.id)
        if places is None or name not in places:
            return None
        pipelines = self.of(kind).values()
        if name == places[0]:
            return {one.id: one.label for one in pipelines}
        return {one.id: one.label for each in pipelines for one in each.in_order()}

    def changed(self) -> None:
        """To be called after a change of any stage."""
        pipelines = self._all[DEAL.id].values()
        self._deal_stages = {key: one for each in pipelines for key, one in each.stages.items()}


def _one(pipeline: Pipeline) -> dict[str, Pipeline]:
    return {pipeline.id: pipeline}
