"""Properties of the portal's own on every kind of record: asked for, kept, missed where hidden."""

from typing import Any

import pytest

from crm_loop.records import Subject

V = "2026-03"
STAMP = "2026-06-15T02:30:00Z"
OWN = {"region": "region_c"}


def row(number: int, **props: str) -> dict[str, Any]:
    known = {"hs_timestamp": STAMP, "hs_createdate": STAMP, "hs_lastmodifieddate": STAMP}
    return {"id": str(number), "createdAt": STAMP, "updatedAt": STAMP, "properties": known | props}


@pytest.mark.parametrize(
    ("setting", "subject", "kinds"),
    [
        ("account_fields", Subject.ACCOUNTS, ["companies"]),
        ("activity_fields", Subject.ACTIVITIES, ["calls", "meetings", "emails"]),
        ("task_fields", Subject.TASKS, ["tasks"]),
        ("lead_fields", Subject.LEADS, ["leads"]),
    ],
)
def test_a_property_that_an_admin_named_is_asked_for_and_kept(
    hubspot: Any, setting: str, subject: Subject, kinds: list[str]
) -> None:
    for n, kind in enumerate(kinds):
        hubspot.says("GET", f"/crm/objects/{V}/{kind}", {"results": [row(n, region_c="東")]})
        hubspot.says("POST", f"/crm/objects/{V}/{kind}/search", {"results": []})
        for other in ("deals", "companies", "contacts"):
            path = f"/crm/associations/{V}/{kind}/{other}/batch/read"
            hubspot.says("POST", path, {"results": []}, status=207)
    connector = hubspot.connector(**{setting: OWN, "leads": "leads"})
    rows = [one for batch in connector.pull(subject, None) for one in batch.rows]
    assert [one.custom for one in rows] == [{"region": "東"}] * len(kinds)
    for kind in kinds:
        asked = hubspot.asked("GET", f"/crm/objects/{V}/{kind}")[0].query["properties"][0]
        assert asked.split(",")[-1] == "region_c"


def test_a_property_that_the_portal_does_not_show_is_told(hubspot: Any) -> None:
    for kind in ("goal_targets", "companies"):
        hubspot.says("GET", f"/crm/objects/{V}/{kind}", {"results": []})
    hubspot.says("GET", f"/crm/properties/{V}/companies", {"results": [{"name": "region_c"}]})
    hubspot.says("GET", f"/crm/properties/{V}/calls", {"results": [{"name": "mood"}]})
    able = hubspot.connector(
        account_fields=OWN, activity_fields={"mood": "mood", "gone": "gone"}, lead_fields=OWN
    ).capabilities()
    # One type of activities is enough; leads are hidden here as a whole.
    assert list(able.unknown_fields) == ["activity.gone", "lead.region"]
    assert list(hubspot.connector().capabilities().unknown_fields) == []
