"""What people do, what the journal says of it, and how our records are seen."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop_sandbox.hubspot.markup import paragraphs, plain
from crm_loop_sandbox.world.story import Deed

KEY = "cl1t" + "0" * 40
LATER = datetime(2026, 6, 16, 1, tzinfo=UTC)


def _deed(do: str, object_: str, **more: Any) -> Deed:
    return Deed(at=LATER, actor_email="ann@example.com", do=do, object=object_, **more)


def _ours(sandbox: Any) -> None:
    sandbox.make_key()
    sandbox.make_task(
        crm_loop_key=KEY,
        hs_task_subject="訪問の約束",
        hs_task_body="<p>一</p><p>二</p>",
        hubspot_owner_id=sandbox.owner_id("ann"),
    )


def test_our_task_is_seen_as_its_owner_sees_it(sandbox: Any) -> None:
    _ours(sandbox)
    (task,) = sandbox.face.tasks_of_ours()
    assert (task.key, task.owner_email) == (KEY, "ann@example.com")
    assert (task.subject, task.body) == ("訪問の約束", "一\n二")
    assert (task.due, task.is_closed, task.deal_ref) == (date(2026, 6, 20), False, None)


def test_a_key_in_the_last_line_counts_where_there_is_no_property(sandbox: Any) -> None:
    sandbox.make_task(hs_task_body=f"<p>text</p><p>{KEY}</p>")
    sandbox.make_task(hs_task_body=f"<p>{KEY}</p><p>text</p>")
    assert [task.key for task in sandbox.face.tasks_of_ours()] == [KEY]


def test_a_person_closes_a_task_by_its_key(sandbox: Any) -> None:
    _ours(sandbox)
    made = sandbox.face.act(_deed("close", "task", key=KEY))
    path = f"/crm/v3/objects/tasks/{made}?propertiesWithHistory=hs_task_status"
    row = sandbox.call("GET", path).body
    assert sandbox.face.tasks_of_ours()[0].is_closed
    assert row["updatedAt"] == "2026-06-16T01:00:00Z"
    assert row["propertiesWithHistory"]["hs_task_status"][0]["sourceType"] == "CRM_UI"


def test_what_a_person_types_becomes_escaped_paragraphs(sandbox: Any) -> None:
    _ours(sandbox)
    made = sandbox.face.act(_deed("edit", "task", key=KEY, fields={"body": "a < b\n▼ later"}))
    path = f"/crm/v3/objects/tasks/{made}?properties=hs_task_body"
    body = sandbox.call("GET", path).body["properties"]["hs_task_body"]
    lines = '<p style="margin:0;">a &lt; b</p><p style="margin:0;">▼ later</p>'
    assert body == f'<div style="" dir="auto" data-top-level="true">{lines}</div>'
    assert sandbox.face.tasks_of_ours()[0].body == "a < b\n▼ later"


def test_a_person_moves_the_due_date_and_hands_the_task_over(sandbox: Any) -> None:
    _ours(sandbox)
    fields = {"due": "2026-06-30", "owner": "bob"}
    sandbox.face.act(_deed("edit", "task", key=KEY, fields=fields))
    (task,) = sandbox.face.tasks_of_ours()
    assert (task.due, task.owner_email) == (date(2026, 6, 30), "bob@example.com")


def test_a_deleted_task_is_no_longer_seen_and_can_come_back(sandbox: Any) -> None:
    _ours(sandbox)
    sandbox.face.act(_deed("delete", "task", key=KEY))
    assert sandbox.face.tasks_of_ours() == []
    assert sandbox.face.act(_deed("close", "task", key=KEY)) is None
    sandbox.face.act(_deed("undelete", "task", key=KEY))
    assert [task.key for task in sandbox.face.tasks_of_ours()] == [KEY]


def test_nobody_can_act_on_what_was_never_there(sandbox: Any) -> None:
    assert sandbox.face.act(_deed("close", "task", key=KEY)) is None
    assert sandbox.face.act(_deed("edit", "deal", ref="none", fields={"name": "x"})) is None


def test_a_won_deal_keeps_its_history(sandbox: Any) -> None:
    fields = {"stage": 2, "amount": Decimal(2000), "close_date": date(2026, 6, 16)}
    made = sandbox.face.act(_deed("edit", "deal", ref="d1", fields=fields))
    path = f"/crm/v3/objects/deals/{made}?properties=closedate&propertiesWithHistory=amount"
    row = sandbox.call("GET", path).body
    amounts = [one["value"] for one in row["propertiesWithHistory"]["amount"]]
    assert row["properties"]["closedate"] == "2026-06-15T15:00:00Z"
    assert amounts == ["2000", "1500.00"]


def test_a_new_activity_is_joined_to_its_deal(sandbox: Any) -> None:
    fields = {
        "kind": "call",
        "owner": "ann",
        "start": LATER,
        "minutes": 10,
        "status": "held",
        "deal_ref": "d1",
    }
    made = sandbox.face.act(_deed("create", "activity", ref="new-call", fields=fields))
    path = f"/crm/v3/objects/calls/{made}?properties=hs_call_status,hs_call_duration"
    assert sandbox.call("GET", path).body["properties"]["hs_call_duration"] == "600000"
    links = sandbox.call("GET", f"/crm/v4/objects/calls/{made}/associations/deals").body
    assert [str(one["toObjectId"]) for one in links["results"]] == [sandbox.id_of("d1")]


def test_a_meeting_is_moved_with_its_length(sandbox: Any) -> None:
    sandbox.face.act(_deed("edit", "activity", ref="m1", fields={"start": LATER}))
    names = "hs_timestamp,hs_meeting_end_time"
    path = f"/crm/v3/objects/meetings/{sandbox.id_of('m1')}?properties={names}"
    properties = sandbox.call("GET", path).body["properties"]
    assert properties["hs_timestamp"] == "2026-06-16T01:00:00Z"
    assert properties["hs_meeting_end_time"] == "2026-06-16T01:45:00Z"


def test_the_journal_tells_people_from_programs(sandbox: Any) -> None:
    _ours(sandbox)
    sandbox.face.act(_deed("close", "task", key=KEY))
    api, people = sandbox.kernel.journal.entries
    assert (api["actor"], api["op"], api["object"], api["key"]) == ("api", "create", "tasks", KEY)
    assert (people["actor"], people["op"]) == ("people", "update")
    assert people["before"] == {"hs_task_status": "NOT_STARTED"}
    assert people["at"] == "2026-06-16T01:00:00+00:00"


def test_a_refused_write_is_not_in_the_journal(sandbox: Any) -> None:
    sandbox.make_task(nonsense="1")
    assert sandbox.kernel.journal.entries == []


def test_the_state_holds_business_content_and_no_ids(sandbox: Any) -> None:
    _ours(sandbox)
    assert sandbox.face.state() == [
        {
            "object": "tasks",
            "key": KEY,
            "subject": "訪問の約束",
            "body": "一\n二",
            "status": "NOT_STARTED",
            "due": "2026-06-20",
            "owner": "ann@example.com",
            "deals": [],
        }
    ]


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ("a<br>b", "a\nb"),
        ("<div>a</div><div>b&nbsp;c</div>", "a\nb c"),
        ("<p>a</p><p></p><p>b</p>", "a\n\nb"),
        ("<p>a</p><p><br></p><p>b</p>", "a\n\nb"),
        ("<ul><li>a</li>\n<li>b</li></ul>", "a\nb"),
        ("plain\ntext", "plain\ntext"),
        (None, ""),
    ],
)
def test_rich_text_is_read_line_by_line(body: Any, seen: str) -> None:
    assert plain(body) == seen


@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "S"])), min_size=1))
def test_typed_lines_come_back_as_they_were(lines: list[str]) -> None:
    assert plain(paragraphs("\n".join(lines))) == "\n".join(lines)


def _enquiry(sandbox: Any) -> str:
    given = {"owner": "ann", "given_name": "花", "family_name": "森", "company": "森工業",
             "email": "hana@mori.example", "status": "open", "source": "Web"}  # fmt: skip
    return str(sandbox.face.act(_deed("create", "lead", ref="enquiry:1", fields=given)))


@pytest.mark.parametrize(("tier", "leads"), [("free", 0), ("pro", 1)])
def test_somebody_new_is_a_contact_and_a_lead_where_there_are_any(
    serve: Any, tier: str, leads: int
) -> None:
    sandbox = serve(tier=tier)
    made = _enquiry(sandbox)
    call = {"kind": "call", "owner": "ann", "start": LATER, "status": "held",
            "contacts": ("enquiry:1",)}  # fmt: skip
    sandbox.face.act(_deed("create", "activity", ref="answer", fields=call))
    path = f"/crm/v3/objects/contacts/{made}?properties=hubspot_owner_id,lifecyclestage"
    person = sandbox.call("GET", f"{path}&associations=calls").body
    assert person["properties"]["hubspot_owner_id"] == sandbox.owner_id("ann")
    assert person["properties"]["lifecyclestage"] == "lead"
    assert len(person["associations"]["calls"]["results"]) == 1
    if leads:
        found = sandbox.call("GET", f"/crm/v4/objects/contacts/{made}/associations/leads").body
        assert len(found["results"]) == leads
