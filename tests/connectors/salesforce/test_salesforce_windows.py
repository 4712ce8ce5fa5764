"""Which questions a pull asks, and how it goes on when a place or a field is gone."""

from datetime import UTC, datetime

import pytest
from scripted_org import DATA, DATE, EARLIER, FORGOTTEN, HIDDEN, INSTANCE, NEXT, Scripted, account

from crm_loop.errors import NeedsAttention, Transient
from crm_loop.records import Subject
from crm_loop_salesforce.translate import names, sources


def test_the_first_reading_has_no_upper_bound(accounts: Scripted) -> None:
    accounts.answers(account(1))
    batches = accounts.pull(Subject.ACCOUNTS)
    (query,) = accounts.asked()
    assert query.startswith("SELECT Id, Name, SystemModstamp, OwnerId, ParentId, ")
    assert query.endswith("FROM Account ORDER BY SystemModstamp, Id")
    assert batches[-1].cursor is not None
    assert batches[-1].cursor["accounts"] == {"since": "2026-06-15T02:55:00+00:00"}


def test_a_later_reading_overlaps_and_stays_behind(accounts: Scripted) -> None:
    accounts.answers()
    accounts.pull(Subject.ACCOUNTS, EARLIER)
    (query,) = accounts.asked()
    assert query.endswith(
        "WHERE (SystemModstamp >= 2026-06-14T02:45:00Z) AND "
        "(SystemModstamp < 2026-06-15T02:55:00Z) ORDER BY SystemModstamp, Id"
    )


def test_a_page_is_a_batch_that_can_be_gone_on_from(accounts: Scripted) -> None:
    accounts.answers(account(1), done=False, nextRecordsUrl=NEXT)
    accounts.answers(account(2), resource="query/0r8xx5R2yF2gs3VASQ-2000")
    first = next(accounts.connector().pull(Subject.ACCOUNTS, EARLIER))
    accounts.pull(Subject.ACCOUNTS, first.cursor)
    assert accounts.asked()[-1].endswith(
        "WHERE ((SystemModstamp = 2026-06-14T12:00:00Z AND Id > '001000000000000001') OR "
        "SystemModstamp > 2026-06-14T12:00:00Z) AND (SystemModstamp < 2026-06-15T02:55:00Z) "
        "ORDER BY SystemModstamp, Id"
    )


def test_a_forgotten_list_is_asked_for_again_from_the_last_row(accounts: Scripted) -> None:
    accounts.answers(account(1), done=False, nextRecordsUrl=NEXT)
    accounts.refuses(INSTANCE + NEXT, FORGOTTEN)
    accounts.answers(account(2))
    batches = accounts.pull(Subject.ACCOUNTS, EARLIER)
    assert [row.id[-1] for batch in batches for row in batch.rows] == ["1", "2"]
    assert "Id > '001000000000000001'" in accounts.asked()[1]


def test_a_list_that_is_always_forgotten_is_left_for_later(accounts: Scripted) -> None:
    accounts.answers(account(1), done=False, nextRecordsUrl=NEXT)
    accounts.refuses(INSTANCE + NEXT, FORGOTTEN)
    with pytest.raises(Transient):
        accounts.pull(Subject.ACCOUNTS, EARLIER)


def test_a_field_hidden_meanwhile_is_left_out(accounts: Scripted) -> None:
    accounts.refuses(f"{DATA}queryAll", HIDDEN)
    accounts.shows("Account", "Id", "Name", "IsDeleted", "SystemModstamp")
    accounts.answers(account(1))
    batches = accounts.pull(Subject.ACCOUNTS)
    assert [len(batch.rows) for batch in batches] == [1, 0]
    assert ["OwnerId" in query for query in accounts.asked()] == [True, False]


def test_a_query_that_stays_refused_is_left_for_later(accounts: Scripted) -> None:
    accounts.refuses(f"{DATA}queryAll", HIDDEN)
    with pytest.raises(Transient):
        accounts.pull(Subject.ACCOUNTS)


def test_a_hidden_field_that_is_needed_is_never_read_as_empty(accounts: Scripted) -> None:
    row = account(1)
    del row["Name"]
    accounts.answers(row)
    with pytest.raises(NeedsAttention, match=r"Account\.Name"):
        accounts.pull(Subject.ACCOUNTS)


def test_deleted_rows_are_removed(accounts: Scripted) -> None:
    accounts.answers(account(1), account(2, IsDeleted=True))
    (page, _end) = accounts.pull(Subject.ACCOUNTS, EARLIER)
    assert [row.id for row in page.rows] == ["001000000000000001"]
    assert page.removed == ["001000000000000002"]


def test_a_deleted_history_row_removes_all_that_it_may_have_said(scripted: Scripted) -> None:
    scripted.has("OpportunityHistory")
    scripted.shows("OpportunityHistory", *names.HISTORY.fields)
    scripted.answers({**dict.fromkeys(names.HISTORY.fields), "Id": "0081", "IsDeleted": True})
    page, *_ = scripted.pull(Subject.CHANGES)
    assert page.removed == ["0081:stage", "0081:amount", "0081:close_date"]


def test_people_are_read_whole_and_only_salespeople(scripted: Scripted) -> None:
    scripted.has("User")
    scripted.shows("User", *names.USERS.fields)
    scripted.answers(resource="query")
    (batch,) = scripted.pull(Subject.PEOPLE)
    assert batch.complete
    assert scripted.asked()[0].endswith("FROM User WHERE UserType = 'Standard'")


def test_meetings_that_have_begun_are_asked_for_by_their_start(scripted: Scripted) -> None:
    scripted.has("Event", "Task")
    scripted.shows("Event", *names.EVENTS.fields)
    scripted.shows("Task", *names.CALLS.fields)
    scripted.answers()
    scripted.answers(resource="query")
    scripted.pull(Subject.ACTIVITIES, {"begun": "2026-06-14T02:55:00+00:00"})
    assert scripted.asked()[-1].endswith(
        "(IsDeleted = false) AND (StartDateTime >= 2026-06-14T02:45:00Z) AND "
        "(StartDateTime <= 2026-06-15T03:00:00Z))"
    )


def test_what_the_org_lacks_is_named(scripted: Scripted) -> None:
    tables = [one for subject in Subject for one in sources.tables(subject)]
    shown = {one.name: set(one.fields) for one in tables if one is not names.QUOTAS}
    shown["Opportunity"] -= {"Amount"}
    shown["Task"] |= set(names.TASKS.fields)
    shown["Event"] |= set(names.EVENTS.fields)
    scripted.has(*shown)
    for name, fields in shown.items():
        scripted.shows(name, *fields)
    scripted.answers(resource="query")
    able = scripted.connector().capabilities()
    assert able.missing["deals"] == "no_field:Opportunity.Amount"
    assert able.missing["quotas"] == "no_object:ForecastingQuota"
    assert able.subjects >= {Subject.PEOPLE, Subject.STAGES, Subject.ACCOUNTS, Subject.CHANGES}
    assert (able.unique_key, able.key_field) == (False, False)


def test_the_clock_is_salesforces_own(scripted: Scripted) -> None:
    assert scripted.connector().clock() == datetime(2026, 6, 15, 3, tzinfo=UTC)


def test_every_call_names_us_and_asks_for_full_pages(accounts: Scripted) -> None:
    accounts.answers()
    accounts.pull(Subject.ACCOUNTS)
    headers = accounts.mock.calls[-1].request.headers
    assert headers["User-Agent"].startswith("crm_loop/")
    assert headers["Sforce-Query-Options"] == "batchSize=2000"


def test_an_answer_without_rows_is_no_empty_list(accounts: Scripted) -> None:
    accounts.mock.get(f"{DATA}queryAll", json={"totalSize": 0}, headers=DATE)
    with pytest.raises(Transient):
        accounts.pull(Subject.ACCOUNTS)


def test_pretty_answers_read_like_compact_ones(accounts: Scripted) -> None:
    pretty = '{\n  "totalSize" : 0,\n  "done" : true,\n  "records" : [ ]\n}'
    accounts.mock.get(f"{DATA}queryAll", body=pretty, headers=DATE)
    assert not [row for batch in accounts.pull(Subject.ACCOUNTS) for row in batch.rows]


def test_a_token_turned_down_twice_is_not_asked_for_again(accounts: Scripted) -> None:
    expired = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    accounts.mock.get(f"{DATA}queryAll", json=expired, status=401, headers=DATE)
    with pytest.raises(Transient):
        accounts.pull(Subject.ACCOUNTS)
    tokens = [call for call in accounts.mock.calls if "oauth2" in str(call.request.url)]
    assert len(tokens) == 2
