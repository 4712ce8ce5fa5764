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


def _record(type_id: str, singular: str, plural: str, own: tuple[str, ...]) -> ObjectType:
    modified = "lastmodifieddate" if singular == "contact" else "hs_lastmodifieddate"
    always = ("createdate", modified, "hs_object_id")
    return ObjectType(
        id=type_id,
        singular=singular,
        plural=plural,
        read_scope=f"crm.objects.{plural}.read",
        write_scope=f"crm.objects.{plural}.write",
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

OBJECT_TYPES = (CONTACT, COMPANY, DEAL, TASK, NOTE, MEETING, CALL, EMAIL, GOAL, USER)
ACTIVITIES = (TASK, NOTE, MEETING, CALL, EMAIL)

_BY_NAME = {
    name: kind for kind in OBJECT_TYPES for name in (kind.id, kind.singular, kind.plural)
} | {"goal": GOAL, "goals": GOAL}


def find_type(name: str) -> ObjectType | None:
    """`deals`, `deal`, `DEAL` and `0-3` are one."""
    return _BY_NAME.get(name.lower())
