"""What a record can be, and the words that its fields are limited to."""

from enum import StrEnum


class Subject(StrEnum):
    """What can be pulled, in an order in which references point backwards."""

    PEOPLE = "people"
    STAGES = "stages"
    RATES = "rates"
    PERIODS = "periods"
    ACCOUNTS = "accounts"
    DEALS = "deals"
    CHANGES = "changes"
    CONTACT_ROLES = "contact_roles"
    SPLITS = "splits"
    QUOTES = "quotes"
    LEADS = "leads"
    LEAD_CHANGES = "lead_changes"
    ACTIVITIES = "activities"
    PARTICIPANTS = "participants"
    TASKS = "tasks"
    ABSENCES = "absences"
    QUOTAS = "quotas"


class DealField(StrEnum):
    """A field of a deal whose past matters."""

    STAGE = "stage"
    AMOUNT = "amount"
    CLOSE_DATE = "close_date"
    OWNER = "owner"
    FORECAST = "forecast"


class Forecast(StrEnum):
    """What a seller promises of a deal, whatever an admin calls it."""

    OMITTED = "omitted"
    PIPELINE = "pipeline"
    BEST_CASE = "best_case"
    MOST_LIKELY = "most_likely"
    COMMIT = "commit"
    CLOSED = "closed"


class ActivityKind(StrEnum):
    CALL = "call"
    MEETING = "meeting"
    EMAIL = "email"


class ActivityStatus(StrEnum):
    """`UNCONFIRMED`: its time has passed and nobody said what became of it."""

    SCHEDULED = "scheduled"
    HELD = "held"
    UNCONFIRMED = "unconfirmed"
    NO_SHOW = "no_show"
    CANCELED = "canceled"
