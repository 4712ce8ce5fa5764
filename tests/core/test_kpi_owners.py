"""Who owned a deal, and who handed it over, from the changes of its owner."""

from datetime import UTC, datetime

import polars as pl

from crm_loop.kpi.details import handed_frame

OWNERS = pl.DataFrame(
    {"connection": ["c"] * 3, "owner_id": ["u1", "u2", "u3"], "person": ["p1", "p2", "p3"]}
)


def changes(*told: tuple[str, int, str]) -> pl.DataFrame:
    """Owners by the id of the change and the day of June."""
    return pl.DataFrame(
        [
            {"connection": "c", "id": id_, "deal_id": "d1", "field": "owner", "value": owner,
             "at": datetime(2026, 6, day, tzinfo=UTC)}
            for id_, day, owner in told
        ]
    )  # fmt: skip


def test_of_two_owners_at_one_moment_the_last_one_handed_the_deal_over() -> None:
    told = changes(("8:x", 1, "u2"), ("9:y", 1, "u1"), ("y", 9, "u2"), ("x", 12, "u3"))
    given = handed_frame(told, owners=OWNERS, time_zone="UTC")
    assert given.select("giver", "taker").rows() == [("p1", "p2"), ("p2", "p3")]
