"""Reads what somebody sends of a pipeline or a stage."""

from collections.abc import Mapping
from typing import Any

from crm_loop_sandbox.hubspot.errors import bad_request
from crm_loop_sandbox.hubspot.object_types import DEAL, ObjectType
from crm_loop_sandbox.hubspot.pipeline import Pipeline, Stage
from crm_loop_sandbox.hubspot.portal import Portal


def text_of(body: Mapping[str, Any], name: str) -> str:
    """A required text."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise bad_request(f"Some required fields were not set: [{name}]")
    return value


def new_stage(
    portal: Portal, kind: ObjectType, pipeline: Pipeline, body: Mapping[str, Any]
) -> Stage:
    """A stage that keeps its id where it has one already; the 400 when its body does not fit."""
    label, now = text_of(body, "label"), portal.now()
    held = pipeline.stages.get(str(body.get("stageId") or body.get("id") or ""))
    return Stage(
        id=held.id if held else str(portal.ids.small("stage", kind.id, pipeline.id, label)),
        label=label,
        order=int(body.get("displayOrder") or 0),
        metadata=_metadata(kind, body.get("metadata")),
        created=held.created if held else now,
        updated=now,
    )


def stage_changes(kind: ObjectType, held: Stage, body: Mapping[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if body.get("label"):
        changes["label"] = str(body["label"])
    if "displayOrder" in body:
        changes["order"] = int(body["displayOrder"])
    if "metadata" in body:
        changes["metadata"] = {**held.metadata, **_metadata(kind, body["metadata"])}
    return changes


def _metadata(kind: ObjectType, sent: Any) -> dict[str, str]:
    """Deals need a probability in steps of a tenth; HubSpot says itself what that closes."""
    given = {str(key): str(value) for key, value in sent.items()} if isinstance(sent, dict) else {}
    if kind is not DEAL:
        return given
    try:
        probability = float(given["probability"])
    except (KeyError, ValueError) as error:
        raise bad_request("Some required fields were not set: [metadata.probability]") from error
    if not 0 <= probability <= 1:
        raise bad_request("probability must be from 0.0 to 1.0")
    closed = "true" if probability in {0, 1} else "false"
    return {"isClosed": closed, **given, "probability": str(probability)}
