"""What changes no stamp: deletions, merges, formulas, and stages that mean something else."""

import pytest
from scripted_org import DATA, DATE, EARLIER, Scripted, account

from crm_loop.records import Stage, Subject
from crm_loop_salesforce.translate import names


def test_all_deletions_are_asked_for_in_one_call(accounts: Scripted) -> None:
    accounts.gone = ["001000000000000009AAA"]
    accounts.answers()
    batches = accounts.pull(Subject.ACCOUNTS, EARLIER)
    assert [batch.removed for batch in batches if batch.removed] == [["001000000000000009AAA"]]
    (span,) = accounts.spans
    assert "start=2026-06-13T14%3A45%3A00%2B00%3A00" in span
    assert "end=2026-06-15T02%3A55%3A00%2B00%3A00" in span


def test_a_list_of_deletions_with_a_gap_makes_us_look_at_every_id(accounts: Scripted) -> None:
    accounts.remembers_since = "2026-06-14T23:00:00.000+0000"
    accounts.answers()
    accounts.answers({"Id": "001000000000000001"})
    batches = accounts.pull(Subject.ACCOUNTS, EARLIER | {"swept": "2026-06-14T02:55:00+00:00"})
    assert batches[-2].present == ["001000000000000001"]
    assert batches[-1].swept


def test_every_id_is_looked_at_once_a_week(accounts: Scripted) -> None:
    swept = {"swept": "2026-06-08T02:00:00+00:00"}
    accounts.answers()
    accounts.answers({"Id": "001000000000000001"})
    last = accounts.pull(Subject.ACCOUNTS, EARLIER | swept)[-1]
    assert last.swept
    assert last.cursor is not None
    assert last.cursor["swept"] == "2026-06-15T03:00:00+00:00"


def test_every_id_is_looked_at_when_that_is_asked_for(accounts: Scripted) -> None:
    accounts.answers()
    accounts.answers({"Id": "001000000000000001"})
    last = accounts.pull(Subject.ACCOUNTS, EARLIER | {"reconcile": True})[-1]
    assert last.swept
    assert last.cursor is not None
    assert "reconcile" not in last.cursor


def test_a_query_that_takes_too_long_is_asked_in_halves(accounts: Scripted) -> None:
    slow = [{"errorCode": "QUERY_TIMEOUT", "message": "running for too long"}]
    accounts.refuses(f"{DATA}queryAll", slow)
    accounts.answers(account(1))
    accounts.answers(account(2))
    batches = accounts.pull(Subject.ACCOUNTS, EARLIER)
    ends = [query.partition("SystemModstamp < ")[2][:17] for query in accounts.asked()]
    assert ends == ["2026-06-15T02:55:", "2026-06-14T14:55:", "2026-06-15T02:55:"]
    assert [row.id[-1] for batch in batches for row in batch.rows] == ["1", "2"]


def test_a_merged_account_names_its_survivor(accounts: Scripted) -> None:
    loser = account(2, IsDeleted=True, MasterRecordId="001000000000000001")
    accounts.answers(loser)
    page = next(one for one in accounts.pull(Subject.ACCOUNTS, EARLIER) if one.removed)
    assert page.merged == {"001000000000000002": "001000000000000001"}


def test_a_field_that_is_not_shown_is_told(accounts: Scripted) -> None:
    accounts.shown["Account"] = {"fields": [{"name": one} for one in ("Id", "Name", "OwnerId")]}
    accounts.shown["Account"]["fields"] += [{"name": "SystemModstamp"}, {"name": "IsDeleted"}]
    accounts.has("Account", "Task")
    accounts.shows("Task", *names.TASKS.fields)
    accounts.mock.replace("GET", f"{DATA}sobjects", json={"sobjects": [
        {"name": "Account"}, {"name": "Task"}]}, headers=DATE)  # fmt: skip
    able = accounts.connector().capabilities()
    assert set(able.hidden) >= {"Account.ParentId", "UserRole"}
    assert "Account.Name" not in able.hidden


DEALS_BEFORE = {
    "deals": {"since": "2026-06-14T02:55:00+00:00"},
    "refreshed": "2026-06-14T02:00:00+00:00",
    "swept": "2026-06-14T02:00:00+00:00",
}


@pytest.fixture
def refreshing(scripted: Scripted) -> Scripted:
    """An org with one stage and no changed deals."""
    scripted.has("Opportunity", "OpportunityStage")
    scripted.shows("OpportunityStage", *names.STAGES.fields)
    stage = {"ApiName": "提案", "MasterLabel": "提案", "SortOrder": 1}
    scripted.answers()
    scripted.answers(stage | {"IsClosed": True, "IsWon": False}, resource="query")
    scripted.answers(resource="query")
    return scripted


def test_deals_in_a_stage_that_means_something_else_are_read_again(refreshing: Scripted) -> None:
    refreshing.shows("Opportunity", *names.OPPORTUNITIES.fields)
    refreshing.pull(Subject.DEALS, DEALS_BEFORE | {"stages": {"提案": "00"}})
    assert "StageName IN ('提案')" in refreshing.asked()[-1]


def test_while_stages_mean_the_same_nothing_is_read_again(refreshing: Scripted) -> None:
    refreshing.shows("Opportunity", *names.OPPORTUNITIES.fields)
    refreshing.pull(Subject.DEALS, DEALS_BEFORE | {"stages": {"提案": "10"}})
    assert "FROM OpportunityStage" in refreshing.asked()[-1]


def test_open_deals_with_formulas_are_read_again_every_day(refreshing: Scripted) -> None:
    refreshing.shows("Opportunity", *names.OPPORTUNITIES.fields)
    refreshing.shown["Opportunity"]["fields"].append({"name": "NextStep", "calculated": True})
    refreshing.mock.replace(
        "GET",
        f"{DATA}sobjects/Opportunity/describe",
        json=refreshing.shown["Opportunity"],
        headers=DATE,
    )
    refreshing.pull(Subject.DEALS, DEALS_BEFORE)
    assert "IsClosed = false" in refreshing.asked()[-1]


def test_what_is_fresh_is_not_read_again(refreshing: Scripted) -> None:
    refreshing.shows("Opportunity", *names.OPPORTUNITIES.fields)
    today = {"refreshed": "2026-06-15T02:00:00+00:00"}
    refreshing.pull(Subject.DEALS, DEALS_BEFORE | today)
    assert len(refreshing.asked()) == 1


def test_every_pipeline_of_an_admins_own_has_the_orgs_stages(scripted: Scripted) -> None:
    scripted.has("OpportunityStage")
    scripted.shows("OpportunityStage", *names.STAGES.fields)
    stage = {"ApiName": "提案", "MasterLabel": "提案", "SortOrder": 1}
    scripted.answers(stage | {"IsClosed": False, "IsWon": False}, resource="query")
    connector = scripted.connector(record_types={"Renewal": "renewals", "Upsell": "renewals"})
    (batch,) = connector.pull(Subject.STAGES, None)
    found = {(one.pipeline, one.id) for one in batch.rows if isinstance(one, Stage)}
    assert found == {("default", "提案"), ("renewals", "提案")}


def test_the_record_type_is_asked_for_where_an_admin_names_some(scripted: Scripted) -> None:
    scripted.has("Opportunity")
    scripted.shows("Opportunity", *names.OPPORTUNITIES.fields, "RecordTypeId")
    scripted.answers()
    list(scripted.connector(record_types={"Renewal": "renewals"}).pull(Subject.DEALS, None))
    assert "RecordType.DeveloperName" in scripted.asked()[0]


def test_what_an_admin_says_of_zone_and_year_counts(scripted: Scripted) -> None:
    scripted.has("Task")
    scripted.shows("Task", *names.TASKS.fields)
    able = scripted.connector(time_zone="Asia/Seoul", fiscal_start=4).capabilities()
    assert (able.time_zone, able.fiscal_start) == ("Asia/Seoul", 4)


def test_an_org_without_our_field_is_told_what_the_next_level_needs(scripted: Scripted) -> None:
    scripted.has("Task")
    scripted.shows("Task", "Id")
    able = scripted.connector().capabilities()
    assert (able.level, list(able.lacking)) == (0, ["no_field:Task.CrmLoop_Key__c"])


def test_an_org_with_our_field_is_told_which_objects_it_lacks(scripted: Scripted) -> None:
    scripted.has("Task")
    unique = {"externalId": True, "unique": True, "createable": True}
    scripted.shown["Task"] = {"fields": [{"name": "CrmLoop_Key__c", **unique}]}
    scripted.mock.get(f"{DATA}sobjects/Task/describe", json=scripted.shown["Task"], headers=DATE)
    able = scripted.connector().capabilities()
    assert able.level == 1
    assert "no_object:CrmLoop_Session__c" in able.lacking
