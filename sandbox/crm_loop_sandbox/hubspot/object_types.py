"""The object types of the portal, and every way in which a path may name one."""

from dataclasses import dataclass

_ENGAGEMENT = ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectType:
    """One object type; `always` are the properties that every answer carries."""

    id: str
    singular: str
    plural: str
    read_scope: str
    write_scope: str
    modified: str = "hs_lastmodifieddate"
    always: tuple[str, ...] = _ENGAGEMENT
    defaults: tuple[str, ...] = _ENGAGEMENT
    required: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """As error messages spell it."""
        return self.singular.upper()


def _record(
    type_id: str, singular: str, plural: str, own: tuple[str, ...], *, scope: str = ""
) -> ObjectType:
    """`scope`: the one that allows both reading and writing, where that is not two."""
    modified = "lastmodifieddate" if singular == "contact" else "hs_lastmodifieddate"
    always = ("createdate", modified, "hs_object_id")
    return ObjectType(
        id=type_id,
        singular=singular,
        plural=plural,
        read_scope=scope or f"crm.objects.{plural}.read",
        write_scope=scope or f"crm.objects.{plural}.write",
        modified=modified,
        always=always,
        defaults=always + own,
        searched=own,
    )


def _activity(type_id: str, singular: str, plural: str, searched: tuple[str, ...]) -> ObjectType:
    return ObjectType(
        id=type_id,
        singular=singular,
        plural=plural,
        read_scope="sales-email-read" if singular == "email" else "crm.objects.contacts.read",
        write_scope="crm.objects.contacts.write",
        required=("hs_timestamp",),
        searched=searched,
    )


CONTACT = _record("0-1", "contact", "contacts", ("email", "firstname", "lastname"))
COMPANY = _record("0-2", "company", "companies", ("domain", "name"))
DEAL = _record("0-3", "deal", "deals", ("amount", "closedate", "dealname", "dealstage", "pipeline"))
TICKET = _record(
    "0-5",
    "ticket",
    "tickets",
    ("content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority", "subject"),
    scope="tickets",
)
PRODUCT = _record(
    "0-7", "product", "products", ("description", "name", "price"), scope="e-commerce"
)
LINE_ITEM = _record(
    "0-8", "line_item", "line_items", ("amount", "hs_product_id", "name", "price", "quantity")
)
QUOTE = _record(
    "0-14",
    "quote",
    "quotes",
    ("hs_expiration_date", "hs_public_url_key", "hs_status", "hs_title"),
)
LEAD = ObjectType(
    id="0-136",
    singular="lead",
    plural="leads",
    read_scope="crm.objects.leads.read",
    write_scope="crm.objects.leads.write",
    required=("hs_lead_name",),
    searched=("hs_lead_name",),
)
DEAL_SPLIT = ObjectType(
    id="0-72",
    singular="deal_split",
    plural="deal_splits",
    read_scope="crm.dealsplits.read_write",
    write_scope="crm.dealsplits.read_write",
)
TASK = _activity("0-27", "task", "tasks", ("hs_task_subject", "hs_task_body"))
NOTE = _activity("0-46", "note", "notes", ("hs_note_body",))
MEETING = _activity("0-47", "meeting", "meetings", ("hs_meeting_title",))
CALL = _activity("0-48", "call", "calls", ("hs_call_title",))
EMAIL = _activity("0-49", "email", "emails", ("hs_email_subject",))
GOAL = ObjectType(
    id="0-74",
    singular="goal_target",
    plural="goal_targets",
    read_scope="crm.objects.goals.read",
    write_scope="crm.objects.goals.write",
    searched=("hs_goal_name",),
)
USER = ObjectType(
    id="0-115",
    singular="user",
    plural="users",
    read_scope="crm.objects.users.read",
    write_scope="crm.objects.users.write",
)

ACTIVITIES = (TASK, NOTE, MEETING, CALL, EMAIL)
SALES = (TICKET, PRODUCT, LINE_ITEM, QUOTE, LEAD, DEAL_SPLIT)
OBJECT_TYPES = (CONTACT, COMPANY, DEAL, *ACTIVITIES, GOAL, USER, *SALES)
BY_ID = {kind.id: kind for kind in OBJECT_TYPES}

_BY_NAME = {
    name: kind for kind in OBJECT_TYPES for name in (kind.id, kind.singular, kind.plural)
} | {"goal": GOAL, "goals": GOAL}


def find_type(name: str) -> ObjectType | None:
    """`deals`, `deal`, `DEAL` and `0-3` are one."""
    return _BY_NAME.get(name.lower().replace(" ", "_"))
