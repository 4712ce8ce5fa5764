"""Merges and deletions for good: what lives on, and what the old ids lead to."""

from typing import Any

DEALS = "/crm/v3/objects/deals"


def _merge(sandbox: Any, first: str = "d1", second: str = "d3") -> Any:
    body = {"primaryObjectId": sandbox.id_of(first), "objectIdToMerge": sandbox.id_of(second)}
    return sandbox.call("POST", f"{DEALS}/merge", body)


def test_the_survivor_names_the_record_it_took_over(sandbox: Any) -> None:
    first, second = sandbox.id_of("d1"), sandbox.id_of("d3")
    merged = _merge(sandbox)
    assert (merged.status, merged.body["id"]) == (200, first)
    assert merged.body["properties"]["hs_merged_object_ids"] == second


def test_what_the_survivor_lacked_comes_from_the_other(sandbox: Any) -> None:
    merged = _merge(sandbox, "d3", "d1").body["properties"]
    assert (merged["dealname"], merged["amount"]) == ("Three", "1500.00")


def test_the_old_id_still_works_alone_but_not_in_a_batch(sandbox: Any) -> None:
    first, second = sandbox.id_of("d1"), sandbox.id_of("d3")
    _merge(sandbox)
    alone = sandbox.call("GET", f"{DEALS}/{second}")
    changed = sandbox.call("PATCH", f"{DEALS}/{second}", {"properties": {"dealname": "N"}})
    inputs = {"inputs": [{"id": second, "properties": {"dealname": "N"}}]}
    assert (alone.body["id"], changed.body["id"]) == (first, first)
    assert sandbox.call("POST", f"{DEALS}/batch/update", inputs).status == 404
    assert sandbox.call("POST", f"{DEALS}/batch/read", inputs).status == 207


def test_associations_move_to_the_survivor(sandbox: Any) -> None:
    _merge(sandbox, "d3", "d1")
    path = f"/crm/v4/objects/deals/{sandbox.id_of('d3')}/associations/meetings"
    (edge,) = sandbox.call("GET", path).body["results"]
    assert edge["toObjectId"] == int(sandbox.id_of("m1"))


def test_a_merged_record_is_in_no_list(sandbox: Any) -> None:
    _merge(sandbox)
    live = sandbox.call("GET", DEALS).body["results"]
    archived = sandbox.call("GET", f"{DEALS}?archived=true").body["results"]
    assert (len(live), len(archived)) == (1, 1)


def test_people_who_act_on_the_merged_record_act_on_the_survivor(sandbox: Any) -> None:
    first = sandbox.id_of("d1")
    _merge(sandbox)
    assert sandbox.id_of("d3") == first


def test_the_journal_tells_of_the_merge(sandbox: Any) -> None:
    second = sandbox.id_of("d3")
    _merge(sandbox)
    entry = sandbox.kernel.journal.entries[-1]
    assert (entry["op"], entry["fields"]) == ("merge", {"merged_id": second})


def test_a_person_who_is_erased_is_nowhere(sandbox: Any) -> None:
    kim = sandbox.id_of("kim")
    body = {"objectId": kim}
    assert sandbox.call("POST", "/crm/v3/objects/contacts/gdpr-delete", body).status == 204
    assert sandbox.call("GET", f"/crm/v3/objects/contacts/{kim}?archived=true").status == 404
    path = f"/crm/v4/objects/deals/{sandbox.id_of('d1')}/associations/contacts"
    assert sandbox.call("GET", path).body["results"] == []
