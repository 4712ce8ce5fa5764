"""A list that is read in several places at once, and what is kept between subjects."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_loop.errors import Refused
from crm_loop.records import ContactRole, DealChange, DealField, Subject
from crm_loop_hubspot.discover import entered_names
from crm_loop_hubspot.lanes import Lanes, in_lanes
from crm_loop_hubspot.legs import finished
from crm_loop_hubspot.paths import Paths
from crm_loop_hubspot.spool import Spool
from crm_loop_hubspot.translate.kinds import COMPANIES, Kind

NOW = datetime(2026, 6, 15, tzinfo=UTC)
KIND = Kind(name=COMPANIES.name, properties=(), history=("x",))
IDS = st.sets(st.integers(1, 10**11) | st.integers(10**10, 10**10 + 3_000), max_size=700)


class Listed:
    """A portal that lists ids, fifty a page, and whose index may not know the newest."""

    paths = Paths()

    def __init__(self, ids: set[int], unknown: int = 0, *, strict: bool = False) -> None:
        self.ids = sorted(ids)
        self.strict = strict
        self.known = self.ids[: len(self.ids) - unknown]
        self.pages = 0

    def get(self, _path: str, query: Sequence[tuple[str, str]]) -> Any:
        self.pages += 1
        start = int(dict(query).get("after") or 0)
        if self.strict and start and start not in self.ids:
            raise Refused("The after parameter is invalid.", code="VALIDATION_ERROR")
        rest = [one for one in self.ids if one >= start]
        answer: dict[str, Any] = {"results": [{"id": str(one)} for one in rest[:50]]}
        return answer | ({"paging": {"next": {"after": str(rest[50])}}} if rest[50:] else {})

    def ask(self, _path: str, _body: Any, *, kind: str) -> Any:
        assert kind == "search"
        return {"results": [{"id": str(one)} for one in self.known[-1:]]}

    def begin(self, question: Callable[[], Any]) -> Future[Any]:
        """Asked and answered."""
        answered: Future[Any] = Future()
        try:
            answered.set_result(question())
        except Refused as refusal:
            answered.set_exception(refusal)
        return answered


@given(ids=IDS, unknown=st.integers(0, 5), cut=st.integers(0, 30))
@settings(deadline=None, max_examples=60)
def test_every_record_is_listed_once_wherever_reading_breaks_off(
    ids: set[int], unknown: int, cut: int
) -> None:
    portal: Any = Listed(ids, unknown)
    found: list[int] = []
    place: Any = None
    for number, (rows, lanes) in enumerate(in_lanes(portal, KIND, Lanes())):
        found += [int(row["id"]) for row in rows]
        place = lanes.written() if lanes else None
        if number == cut:
            break
    if place:
        for rows, _ in in_lanes(portal, KIND, Lanes.read(place)):
            found += [int(row["id"]) for row in rows]
    assert sorted(found) == portal.ids


@given(IDS)
@settings(deadline=None, max_examples=30)
def test_places_that_hubspot_does_not_take_are_done_without(ids: set[int]) -> None:
    portal: Any = Listed(ids, strict=True)
    found = {int(row["id"]) for rows, _ in in_lanes(portal, KIND, Lanes()) for row in rows}
    assert found == ids


@given(IDS)
@settings(deadline=None, max_examples=30)
def test_lanes_cost_few_pages_more_than_one_after_the_other(ids: set[int]) -> None:
    portal: Any = Listed(ids)
    list(in_lanes(portal, KIND, Lanes()))
    assert portal.pages <= len(ids) / 50 + 45


def test_what_is_kept_for_another_subject_comes_back_as_it_was() -> None:
    spool = Spool(Subject.CHANGES, None, NOW)
    past = [
        DealChange(id=str(n), deal_id="7", at=NOW, field=DealField.STAGE, value=None)
        for n in range(12_000)
    ]
    spool.add(past)
    spool.whole = True
    assert spool.covers(None)
    batches = list(spool.batches(None, {}))
    assert [row for batch in batches for row in batch.rows] == past
    assert batches[-1].cursor == finished(NOW, {})


def test_what_is_kept_of_a_broken_reading_counts_for_nothing() -> None:
    spool = Spool(Subject.CONTACT_ROLES, None, NOW)
    spool.add([ContactRole(id="7:8", deal_id="7", contact_id="8")])
    assert not spool.covers(None)


def test_the_property_of_the_current_stage_is_enough() -> None:
    names = ["hs_v2_date_entered_current_stage", "hs_v2_date_entered_closedwon"]
    assert entered_names(names, ["closedwon"]) == {"": "hs_v2_date_entered_current_stage"}


def test_the_names_of_stages_are_matched_and_not_derived() -> None:
    names = [
        "hs_v2_date_entered_60b5c368_04c4_4d32_9b4a_457e159f49b7_13292096",
        "hs_v2_date_exited_60b5c368_04c4_4d32_9b4a_457e159f49b7_13292096",
        "hs_v2_date_entered_appointmentscheduled",
        "hs_date_entered_qualifiedtobuy",
    ]
    stages = ["60b5c368-04c4-4d32-9b4a-457e159f49b7", "appointmentscheduled", "qualifiedtobuy", "x"]
    assert entered_names(names, stages) == {
        "60b5c368-04c4-4d32-9b4a-457e159f49b7": names[0],
        "appointmentscheduled": names[2],
        "qualifiedtobuy": names[3],
    }
