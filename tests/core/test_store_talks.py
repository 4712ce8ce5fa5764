"""What is remembered of earlier 1on1s, whichever version wrote them."""

from datetime import UTC, datetime

from sqlalchemy import update

from crm_loop.loop_records import Agenda, AgendaState, Block, Felt, Prompt, Topic
from crm_loop.store import Begin
from crm_loop.store.tables.loop import agenda

HOUSE, REP, WEEKS = "acme", "rep@example.com", ("2026-W23", "2026-W24")


def a_talk(week: str) -> Agenda:
    starts_at = datetime(2026, 6, 2, 1, tzinfo=UTC)
    topic = Topic(code="T04", key="T04:deal", score=1.0, components={}, fact="", reason="",
                  kpi="win_rate", driver="proposal_win")  # fmt: skip
    asked = (Prompt(id="theme.T04.2", text="", open=True),)
    return Agenda(
        rep=REP, manager="boss@example.com", week=week, starts_at=starts_at, publish_at=starts_at,
        minutes=15, language="ja", connection="crm", key=f"k{week}", subject="", text="x",
        manager_text="", opening=("won", "d1"), felt=Felt.NO, state=AgendaState.HELD,
        blocks=(Block(code="theme", minutes=6, prompts=asked, topics=(topic,), ladder=("L1",)),),
    )  # fmt: skip


def test_a_talk_that_an_earlier_version_wrote_is_remembered_like_any_other(begin: Begin) -> None:
    with begin(HOUSE) as state:
        state.agendas.put(map(a_talk, WEEKS))
        known = state.agendas.talks_before("2026-W25")
        state.connection.execute(update(agenda).values(gist=None))
        assert state.agendas.talks_before("2026-W25") == known
    last = known[REP][0]
    assert (last.week, last.code, last.driver, last.felt) == (
        WEEKS[1],
        "T04",
        "proposal_win",
        Felt.NO,
    )
    assert (last.opening, list(last.asked)) == (("won", "d1"), ["theme.T04.2", "L1"])
