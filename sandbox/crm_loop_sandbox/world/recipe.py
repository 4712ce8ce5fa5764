"""What a world is made from, and the chance that belongs to each thing in it."""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm_loop_sandbox.world.workdays import Workdays


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """`start` is local; `scale` multiplies deals and activities; `split`: a team in each CRM."""

    seed: int
    reps: int
    weeks: int
    scale: int
    locale: str
    start: datetime
    split: bool

    @property
    def japanese(self) -> bool:
        return self.locale.startswith("ja")

    @property
    def country(self) -> str:
        return "JP" if self.japanese else "US"

    @property
    def currency(self) -> str:
        return "JPY" if self.japanese else "USD"

    @property
    def time_zone(self) -> str:
        return "Asia/Tokyo" if self.japanese else "America/New_York"

    @property
    def fiscal_start(self) -> int:
        return 4 if self.japanese else 1

    @property
    def company_name(self) -> str:
        return "青葉商事" if self.japanese else "Aoba Trading"

    @property
    def workdays(self) -> Workdays:
        return Workdays(self.country)

    @property
    def today(self) -> date:
        return self.start.date()

    @property
    def monday(self) -> date:
        """Monday of the week in which the story ends; weeks are counted back from it."""
        return self.today - timedelta(days=self.today.weekday())

    def dice(self, *subject: object) -> random.Random:
        """Chance that belongs to one thing, whatever else is made before it."""
        return chance(self.seed, *subject)

    def at(self, day: date, dice: random.Random) -> datetime:
        """Some moment of that day's working hours."""
        hour = time(dice.randint(9, 17), dice.randint(0, 59), dice.randint(0, 59))
        return datetime.combine(day, hour, ZoneInfo(self.time_zone))


def chance(*subject: object) -> random.Random:
    return random.Random("|".join(map(str, subject)))  # noqa: S311 - a story, no secret
