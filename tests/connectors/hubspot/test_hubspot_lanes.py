"""A list that is read in several places at once, and what is kept between subjects."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from time import sleep
from typing import Any, cast
from urllib.parse import urlencode

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_loop.errors import Refused
from crm_loop.records import ContactRole, DealChange, DealField, Subject
from crm_loop_hubspot.batches import gathered
from crm_loop_hubspot.discover import entered_names
from crm_loop_hubspot.errors import TooLong
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
        self.pages = self.asked = 0

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
        self.asked += 1
        answered: Future[Any] = Future()
        try:
            answered.set_result(question())
        except Refused as refusal:
            answered.set_exception(refusal)
        return answered


class Slow(Listed):
    """Its answers overtake each other."""

    def __init__(self, ids: set[int]) -> None:
        super().__init__(ids)
        self.crew = ThreadPoolExecutor(6)

    def begin(self, question: Callable[[], Any]) -> Future[Any]:
        self.asked += 1
        wait = (self.asked * 7 % 5) / 10_000
        return self.crew.submit(lambda: (sleep(wait), question())[1])


class Narrow(Listed):
    """Turns long addresses down, as the way to HubSpot does."""

    def __init__(self, ids: set[int]) -> None:
        super().__init__(ids)
        self.refused = 0

    def get(self, path: str, query: Sequence[tuple[str, str]]) -> Any:
        if len(urlencode(query)) > 500:
            self.refused += 1
            raise TooLong
        return super().get(path, query)

    def ask(self, path: str, body: Any, **how: Any) -> Any:
        if not path.endswith("/batch/read"):
            return super().ask(path, body, **how)
        assert len(body["inputs"]) <= 50
        values = dict.fromkeys(body["properties"], "x")
        # in any order, as HubSpot gives them
        return {"results": [{**one, "properties": values} for one in reversed(body["inputs"])]}

    def together(self, questions: Sequence[Callable[[], Any]]) -> list[Any]:
        assert len(questions) == 1, "a question within a question would wait for itself"
        return [question() for question in questions]


@given(ids=IDS)
@settings(deadline=None, max_examples=20)
def test_records_whose_properties_fill_no_address_are_listed_and_read_by_their_ids(
    ids: set[int],
) -> None:
    portal: Any = Narrow(ids)
    names = tuple(f"hs_v2_date_entered_{number:036}" for number in range(200))
    kind = Kind(name="deals", properties=names, history=("x",))
    rows = [row for page, _ in in_lanes(portal, kind, Lanes()) for row in page]
    assert sorted(int(row["id"]) for row in rows) == sorted(ids)
    assert all(row["properties"].keys() == set(names) for row in rows)
    assert portal.refused <= 1


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


@given(IDS)
@settings(deadline=None, max_examples=20)
def test_slow_answers_change_neither_the_order_nor_the_calls(ids: set[int]) -> None:
    """A report tells how many calls were made; it has to be the same every time."""
    quick, slow = Listed(ids), Slow(ids)
    orders = [
        [row["id"] for rows, _ in in_lanes(cast("Any", portal), KIND, Lanes()) for row in rows]
        for portal in (quick, slow)
    ]
    assert orders[0] == orders[1]
    assert quick.asked == slow.asked


@given(sizes=st.lists(st.integers(0, 100), min_size=1), most=st.integers(100, 300))
def test_pages_are_joined_to_what_one_call_takes(sizes: list[int], most: int) -> None:
    last = len(sizes) - 1
    pages = [([n] * size, None if n == last else n) for n, size in enumerate(sizes)]
    pieces = list(gathered(iter(pages), most))
    assert [one for rows, _ in pieces for one in rows] == [one for rows, _ in pages for one in rows]
    assert all(len(rows) <= most for rows, _ in pieces)
    assert [place for _, place in pieces][-1] is None
    # whoever goes on from a piece's place has had exactly the pages up to there
    for rows, place in pieces[:-1]:
        assert place is not None
        assert max(rows, default=place) <= place


def test_what_is_kept_for_another_subject_comes_back_as_it_was() -> None:
    spool = Spool(Subject.CHANGES, None, NOW)
    past = [
        DealChange(id=str(n), deal_id="7", at=NOW, field=DealField.STAGE, value=None)
        for n in range(12_000)
    ]
    spool.add(past, owner="7")
    spool.whole = True
    assert spool.covers(None)
    batches = list(spool.batches(None, {}))
    assert [row for batch in batches for row in batch.rows] == past
    assert batches[-1].cursor == finished(NOW, {})


def test_what_is_kept_of_a_broken_reading_counts_for_nothing() -> None:
    spool = Spool(Subject.CONTACT_ROLES, None, NOW)
    spool.add([ContactRole(id="7:8", deal_id="7", contact_id="8")], owner="7")
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
