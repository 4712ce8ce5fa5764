"""What happens to records over time, and what of it moves SystemModstamp."""

from typing import Any

import pytest

STAMPS = ("SystemModstamp", "LastModifiedDate")


def stamps(api: Any, table: str, record_id: str) -> tuple[str, str]:
    row = api.one(table, record_id)
    return row["SystemModstamp"], row["LastModifiedDate"]


def test_a_save_leaves_history_with_the_values_before(api: Any) -> None:
    deal = api.deal(Amount=100)
    api.call(
        "PATCH", f"sobjects/Opportunity/{deal}", json={"Amount": 200, "CloseDate": "2026-08-31"}
    )
    fields = "SELECT Amount, PrevAmount, CloseDate, PrevCloseDate FROM OpportunityHistory"
    query = f"{fields} WHERE PrevAmount != null AND OpportunityId = '{deal}'"
    row = {name: value for name, value in api.rows(query)[0].items() if name != "attributes"}
    assert row == {"Amount": 200, "PrevAmount": 100, "CloseDate": "2026-08-31",
                   "PrevCloseDate": "2026-06-30"}  # fmt: skip
    shown = api.one("Opportunity", deal)
    assert (shown["PushCount"], shown["FiscalQuarter"], shown["Fiscal"]) == (1, 2, "2026 2")
    assert shown["LastAmountChangedHistoryId"] == shown["LastCloseDateChangedHistoryId"]


def test_a_save_that_changes_nothing_watched_leaves_no_history(api: Any) -> None:
    deal = api.deal()
    api.call("PATCH", f"sobjects/Opportunity/{deal}", json={"NextStep": "call"})
    history = f"SELECT Id FROM OpportunityHistory WHERE OpportunityId = '{deal}'"  # noqa: S608 - ours
    assert len(api.rows(history)) == 1


def test_a_new_owner_stands_in_field_history_by_name_and_by_id(api: Any) -> None:
    deal = api.deal()
    owner = api.rows("SELECT Id, Name FROM User WHERE Name = 'Admin User'")[0]
    api.call("PATCH", f"sobjects/Opportunity/{deal}", json={"OwnerId": owner["Id"]})
    owners = "SELECT NewValue FROM OpportunityFieldHistory WHERE Field = 'Owner'"
    query = f"{owners} AND OpportunityId = '{deal}'"
    assert {row["NewValue"] for row in api.rows(query)} == {owner["Id"], "Admin User"}


def test_a_stage_brings_its_probability_unless_another_is_given(api: Any) -> None:
    won, sure = api.deal(StageName="Closed Won"), api.deal(Probability=33)
    assert (api.one("Opportunity", won)["Probability"], api.one("Opportunity", won)["IsWon"]) == (
        100, True
    )  # fmt: skip
    assert api.one("Opportunity", sure)["Probability"] == 33


def test_an_activity_shows_on_its_deal_without_a_new_stamp(api: Any) -> None:
    deal = api.deal()
    before = stamps(api, "Opportunity", deal)
    api.later(0.01)
    api.make("Task", WhatId=deal, Status="Completed", ActivityDate="2026-06-03")
    api.make("Task", WhatId=deal, ActivityDate="2026-06-04")
    shown = api.one("Opportunity", deal)
    assert (shown["LastActivityDate"], shown["HasOpenActivity"]) == ("2026-06-03", True)
    assert shown["HasOverdueTask"] is True
    assert stamps(api, "Opportunity", deal) == before


def test_a_deleted_deal_takes_what_hangs_on_it_along_and_brings_it_back(api: Any) -> None:
    deal = api.deal()
    task = api.make("Task", WhatId=deal)
    api.later(0.01)
    api.call("DELETE", f"sobjects/Opportunity/{deal}")
    gone = api.one("Task", task)
    assert gone["IsDeleted"] is True
    assert gone["SystemModstamp"] == api.one("Opportunity", deal)["SystemModstamp"]
    api.people("undelete", deal)
    assert api.one("Task", task)["IsDeleted"] is False


def test_what_goes_along_stands_in_the_journal_too(api: Any) -> None:
    key = "cl1t" + "0f" * 20
    deal = api.deal()
    api.make("Task", WhatId=deal, CrmLoop_Key__c=key)
    after = api.server.get("/__journal")["next"]
    api.call("DELETE", f"sobjects/Opportunity/{deal}")
    entries = api.server.get(f"/__journal?after={after}")["entries"]
    told = {(entry["op"], entry["object"], entry["key"]) for entry in entries}
    assert {("delete", "Opportunity", None), ("delete", "Task", key)} <= told


def test_a_task_deleted_before_its_deal_stays_deleted(api: Any) -> None:
    deal = api.deal()
    task = api.make("Task", WhatId=deal)
    api.call("DELETE", f"sobjects/Task/{task}")
    api.later(0.01)
    api.call("DELETE", f"sobjects/Opportunity/{deal}")
    api.people("undelete", deal)
    assert api.one("Task", task)["IsDeleted"] is True


def test_what_was_made_again_cannot_be_undeleted(api: Any) -> None:
    key = "cl1t" + "0d" * 20
    task = api.make("Task", CrmLoop_Key__c=key)
    api.call("DELETE", f"sobjects/Task/{task}")
    api.make("Task", CrmLoop_Key__c=key)
    with pytest.raises(OSError, match="400"):
        api.people("undelete", task)


def test_a_merge_moves_children_by_system_stamp_alone(api: Any) -> None:
    winner, loser = (api.make("Account", Name=name) for name in ("Winner", "Loser"))
    deal = api.deal(AccountId=loser)
    before = stamps(api, "Opportunity", deal)
    api.later(0.01)
    api.people("merge", winner, fields={"merge": [loser]})
    after = api.one("Opportunity", deal)
    assert after["AccountId"] == winner
    assert (after["SystemModstamp"] > before[0], after["LastModifiedDate"]) == (True, before[1])
    lost = api.one("Account", loser)
    assert (lost["IsDeleted"], lost["MasterRecordId"]) == (True, winner)


def test_a_merge_stands_in_the_journal(api: Any) -> None:
    winner, loser = (api.make("Account", Name=name) for name in ("W", "L"))
    after = api.server.get("/__journal")["next"]
    api.people("merge", winner, fields={"merge": [loser]})
    entry = api.server.get(f"/__journal?after={after}")["entries"][0]
    assert (entry["op"], entry["id"], entry["fields"]) == ("merge", winner, {"merged": [loser]})


def test_a_converted_lead_leaves_its_tasks_to_the_deal(api: Any) -> None:
    lead = api.make("Lead", LastName="Sato", Company="Minato")
    task = api.make("Task", WhoId=lead)
    deal = api.people("convert", lead)["did"]["salesforce"]
    shown = api.one("Lead", lead)
    assert (shown["IsConverted"], shown["ConvertedOpportunityId"]) == (True, deal)
    moved = api.one("Task", task)
    assert (moved["WhoId"], moved["WhatId"]) == (shown["ConvertedContactId"], deal)
    assert api.one("Opportunity", deal)["AccountId"] == shown["ConvertedAccountId"]


def test_changed_ids_are_listed_up_to_a_safe_moment(api: Any) -> None:
    task = api.make("Task")
    now = api.server.get("/__clock")["now"]
    span = {"start": f"{now[:10]}T00:00:00+00:00", "end": "2026-12-01T00:00:00+00:00"}
    answer = api.get("sobjects/Task/updated/", **span)
    assert task in answer["ids"]
    assert answer["latestDateCovered"] < now


@pytest.mark.parametrize(
    ("what", "start"), [("updated", "2026-05-01"), ("deleted", "2026-05-20"), ("updated", "soon")]
)
def test_a_list_of_changes_does_not_reach_back_for_ever(api: Any, what: str, start: str) -> None:
    span = {"start": f"{start}T00:00:00Z", "end": "2026-12-01T00:00:00Z"}
    assert api.get(f"sobjects/Task/{what}", **span)[0]["errorCode"] == "INVALID_REPLICATION_DATE"


def test_the_bin_is_emptied_after_fifteen_days(new_api: Any) -> None:
    deal = new_api.deal()
    new_api.call("DELETE", f"sobjects/Opportunity/{deal}")
    query = f"SELECT Id FROM Opportunity WHERE Id = '{deal}'"  # noqa: S608 - ours
    assert new_api.rows(query, "queryAll")
    new_api.later(16)
    assert new_api.rows(query, "queryAll") == []
    history = f"SELECT Id FROM OpportunityHistory WHERE OpportunityId = '{deal}'"  # noqa: S608 - ours
    assert new_api.rows(history, "queryAll") == []


def test_a_row_purged_meanwhile_is_missing_from_the_next_page_of_an_open_list(new_api: Any) -> None:
    usual = {"attributes": {"type": "Task"}, "Subject": "Listed"}
    for _ in range(2):
        made = new_api.call("POST", "composite/sobjects", json={"records": [usual] * 150})
        assert made.status_code == 200
    query = "SELECT Id FROM Task WHERE Subject = 'Listed' ORDER BY Id"
    everything = [row["Id"] for row in new_api.rows(query)]
    small = {"Sforce-Query-Options": "batchSize=200"}
    first = new_api.call("GET", "query", params={"q": query}, headers=small).json()
    new_api.call("DELETE", f"sobjects/Task/{everything[-1]}")
    new_api.later(16)
    second = new_api.get(first["nextRecordsUrl"].partition("/v67.0/")[2])
    shown = [row["Id"] for page in (first, second) for row in page["records"]]
    assert (len(first["records"]), shown) == (200, everything[:-1])


def test_old_closed_tasks_are_archived_without_a_new_stamp(new_api: Any) -> None:
    task = new_api.make("Task", Status="Completed", ActivityDate="2026-06-01")
    before = stamps(new_api, "Task", task)
    new_api.later(366)
    query = f"SELECT IsArchived FROM Task WHERE Id = '{task}'"  # noqa: S608 - ours
    assert new_api.rows(query) == []
    assert new_api.rows(query, "queryAll")[0]["IsArchived"] is True
    assert stamps(new_api, "Task", task) == before
