"""Records that hang on the world's deals and activities."""

from typing import Any


def test_every_deal_belongs_to_its_owner_by_a_split(api: Any) -> None:
    query = "SELECT SplitOwnerId, SplitPercentage, SplitAmount, Opportunity.OwnerId, "
    rows = api.rows(f"{query} Opportunity.Amount FROM OpportunitySplit")
    assert len(rows) == api.get("query", q="SELECT COUNT() FROM Opportunity")["totalSize"]
    assert all(row["SplitOwnerId"] == row["Opportunity"]["OwnerId"] for row in rows)
    assert all(row["SplitAmount"] == row["Opportunity"]["Amount"] for row in rows)


def test_a_new_owner_takes_over_the_split(api: Any) -> None:
    deal = api.deal(Amount=100)
    other = api.rows("SELECT Id FROM User WHERE Name = 'Admin User'")[0]["Id"]
    api.call("PATCH", f"sobjects/Opportunity/{deal}", json={"OwnerId": other, "Amount": 70})
    query = "SELECT SplitOwnerId, SplitAmount FROM OpportunitySplit"
    row = api.rows(f"{query} WHERE OpportunityId = '{deal}'")[0]
    assert (row["SplitOwnerId"], row["SplitAmount"]) == (other, 70)


def test_deals_name_their_contacts(api: Any) -> None:
    query = "SELECT IsPrimary, Contact.AccountId, Opportunity.AccountId FROM OpportunityContactRole"
    rows = api.rows(query)
    assert any(row["IsPrimary"] for row in rows)
    assert all(row["Contact"]["AccountId"] == row["Opportunity"]["AccountId"] for row in rows)


def test_likely_deals_have_been_quoted(api: Any) -> None:
    query = "SELECT GrandTotal, Status, Opportunity.Amount, Opportunity.IsWon FROM Quote"
    rows = api.rows(query)
    assert rows
    assert all(row["GrandTotal"] == row["Opportunity"]["Amount"] for row in rows)
    assert {row["Status"] for row in rows if row["Opportunity"]["IsWon"]} == {"Accepted"}


def test_every_logged_mail_is_a_task_and_a_message(api: Any) -> None:
    mails = api.rows("SELECT ActivityId FROM EmailMessage")
    tasks = api.rows("SELECT Id FROM Task WHERE TaskSubtype = 'Email'")
    assert {mail["ActivityId"] for mail in mails} == {task["Id"] for task in tasks} != set()


def test_everybody_who_sells_has_leads(api: Any) -> None:
    query = "SELECT OwnerId, COUNT(Id) n FROM Lead GROUP BY OwnerId"
    assert {row["n"] for row in api.rows(query)} == {6}


def test_a_second_start_with_one_seed_gives_the_same_ids(new_api: Any) -> None:
    def ids() -> list[str]:
        tables = ("Lead", "Quote", "EmailMessage", "OpportunitySplit", "OpportunityContactRole")
        return [row["Id"] for table in tables
                for row in new_api.rows(f"SELECT Id FROM {table} ORDER BY Id")]  # noqa: S608 - ours  # fmt: skip

    before = ids()
    new_api.server.post("/__reset")
    new_api.http.headers["Authorization"] = f"Bearer {type(new_api)(new_api.server).token()}"
    assert ids() == before
