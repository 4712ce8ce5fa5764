"""Where a rep can choose another time with a manager."""

from typing import Any

V = "2026-03"
LINKS = f"/scheduler/{V}/meetings/meeting-links"
OWNERS = f"/crm/owners/{V}"


def a_link(name: str, user: str, **known: Any) -> dict[str, Any]:
    link = {
        "id": name,
        "link": f"https://meetings.hubspot.com/{name}",
        "type": "PERSONAL_LINK",
        "organizerUserId": user,
        "defaultLink": False,
    }
    return {**link, **known}


def told(hubspot: Any, *links: dict[str, Any]) -> dict[str, str]:
    hubspot.says("GET", LINKS, {"total": len(links), "results": list(links)})
    owners = [{"id": "1", "userId": 11}, {"id": "2", "userId": 22}, {"id": "3", "userId": None}]
    hubspot.says("GET", OWNERS, {"results": owners})
    return dict(hubspot.connector().booking_urls())


def test_each_owner_has_the_page_that_is_shown_first(hubspot: Any) -> None:
    found = told(hubspot, a_link("b", "11"), a_link("a", "11", defaultLink=True), a_link("c", "22"))
    assert found == {
        "1": "https://meetings.hubspot.com/a",
        "2": "https://meetings.hubspot.com/c",
    }


def test_a_page_of_a_team_leads_to_anybody_and_is_none(hubspot: Any) -> None:
    team = a_link("team", "11", type="ROUND_ROBIN_CALENDAR", defaultLink=True)
    assert told(hubspot, team, a_link("x", "22", link="javascript:alert(1)")) == {}


def test_where_pages_are_hidden_nobody_has_one(hubspot: Any) -> None:
    hubspot.says("GET", LINKS, {"category": "MISSING_SCOPES"}, status=403)
    assert hubspot.connector().booking_urls() == {}
    assert hubspot.asked("GET", OWNERS) == []


def test_pages_are_asked_for_once_a_day(hubspot: Any) -> None:
    hubspot.says("GET", LINKS, {"results": [a_link("a", "11")]})
    hubspot.says("GET", OWNERS, {"results": [{"id": "1", "userId": 11}]})
    connector = hubspot.connector()
    assert connector.booking_urls() == connector.booking_urls() != {}
    assert len(hubspot.asked("GET", LINKS)) == 1
