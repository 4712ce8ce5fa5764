"""What each subscription allows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """`custom_properties` None: far more than anybody here makes."""

    per_ten_seconds: int
    per_day: int
    goals: bool = True
    leads: bool = False
    deal_splits: bool = False
    pipelines: int = 1
    unique_task_property: bool = True
    custom_properties: int | None = None


TIERS = {
    "free": Tier(
        per_ten_seconds=100,
        per_day=250_000,
        goals=False,
        unique_task_property=False,
        custom_properties=10,
    ),
    "starter": Tier(per_ten_seconds=100, per_day=250_000, pipelines=2),
    "pro": Tier(per_ten_seconds=190, per_day=625_000, leads=True, pipelines=15),
    "enterprise": Tier(
        per_ten_seconds=190, per_day=1_000_000, leads=True, deal_splits=True, pipelines=100
    ),
}
OAUTH_PER_TEN_SECONDS = 110
SEARCHES_PER_SECOND = 5

_SCOPES = (
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    "crm.objects.owners.read",
    "crm.objects.users.read",
    "crm.objects.users.write",
    "crm.objects.line_items.read",
    "crm.objects.line_items.write",
    "crm.objects.quotes.read",
    "crm.objects.quotes.write",
    "e-commerce",
    "tickets",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
    "crm.schemas.companies.read",
    "crm.schemas.companies.write",
    "crm.schemas.deals.read",
    "crm.schemas.deals.write",
    "sales-email-read",
    "scheduler.meetings.meeting-link.read",
    "settings.currencies.read",
    "settings.users.read",
    "settings.users.teams.read",
)
_GOALS = ("crm.objects.goals.read", "crm.objects.goals.write")
_LEADS = ("crm.objects.leads.read", "crm.objects.leads.write")
_SPLITS = ("crm.dealsplits.read_write",)


def scopes_of(tier: Tier) -> tuple[str, ...]:
    """Every scope that an app can be granted in such an account."""
    bought = ((tier.goals, _GOALS), (tier.leads, _LEADS), (tier.deal_splits, _SPLITS))
    more = (scope for has, scopes in bought if has for scope in scopes)
    return tuple(sorted({*_SCOPES, *more}))
