"""Pipelines v1, and the deal pipelines that came before them."""

from typing import Any

from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import not_found
from crm_loop_sandbox.hubspot.object_types import DEAL, ObjectType
from crm_loop_sandbox.hubspot.pipeline import Pipeline
from crm_loop_sandbox.hubspot.routing import V1, Rule


def _list(call: Call) -> Reply:
    kind = call.kind()
    pipelines = call.portal.pipelines.of(kind).values()
    return Reply({"results": [_shape(call, kind, one) for one in pipelines]})


def _shape(call: Call, kind: ObjectType, pipeline: Pipeline) -> dict[str, Any]:
    return {
        "pipelineId": pipeline.id,
        "objectType": kind.label,
        "objectTypeId": kind.id,
        "label": pipeline.label,
        "displayOrder": pipeline.order,
        "active": True,
        "default": pipeline is call.portal.pipelines.sales,
        "createdAt": pipeline.created,
        "updatedAt": pipeline.updated,
        "stages": [
            {
                "stageId": stage.id,
                "label": stage.label,
                "displayOrder": stage.order,
                "metadata": dict(stage.metadata),
                "active": True,
                "createdAt": stage.created,
                "updatedAt": stage.updated,
            }
            for stage in pipeline.in_order()
        ],
    }


def _deal_pipelines(call: Call) -> Reply:
    call.require(DEAL.read_scope)
    return Reply([_deal_shape(one) for one in call.portal.pipelines.of(DEAL).values()])


def _deal_pipeline(call: Call) -> Reply:
    call.require(DEAL.read_scope)
    found = call.portal.pipelines.of(DEAL).get(call.names["id"])
    if found is None:
        raise not_found()
    return Reply(_deal_shape(found))


def _deal_shape(pipeline: Pipeline) -> dict[str, Any]:
    return {
        "pipelineId": pipeline.id,
        "label": pipeline.label,
        "displayOrder": pipeline.order,
        "active": True,
        "staticDefault": pipeline.id == "default",
        "stages": [
            {
                "stageId": stage.id,
                "label": stage.label,
                "displayOrder": stage.order,
                "probability": stage.probability,
                "closedWon": stage.is_won,
                "active": True,
            }
            for stage in pipeline.in_order()
        ],
    }


RULES = (
    Rule("GET", "crm-pipelines/pipelines/{type}", _list, V1),
    Rule("GET", "deals/pipelines", _deal_pipelines, V1),
    Rule("GET", "deals/pipelines/{id}", _deal_pipeline, V1),
)
