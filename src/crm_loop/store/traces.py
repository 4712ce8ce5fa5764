"""Where a person or a customer's contact stands in each table, and what erasing does to it.

Every table is named once, here: with how somebody is found in it, or with why nobody is.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """How a table is about somebody; each entry names columns.

    `whole`: a row with the person's address there is about this person and goes. `named`: the
    address is replaced, the row stays. `user`: the console account's id, and the row goes.
    `owner`: the CRM user's id, and the row goes; `owner_named`: it is taken out. `contact`: a
    contact's or lead's id, and the row goes; `contact_named`: it is taken out. `cleared`: texts
    that are emptied where the person is only named. `texts`: free texts in which the name is
    looked for; the company's own records stay, with their owner's id, which names nobody once
    the person is gone. `hidden` is never exported.
    """

    whole: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    user: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    owner_named: tuple[str, ...] = ()
    contact: tuple[str, ...] = ()
    contact_named: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


_PERSON = Trace(whole=("person",))
_REP = Trace(whole=("rep",))

TRACES: Mapping[str, Trace] = {
    "member": Trace(whole=("person",), named=("manager",)),
    "one_on_one_slot": Trace(whole=("manager",)),
    "target": Trace(whole=("person",), texts=("reason",)),
    "target_change": Trace(whole=("person",), texts=("reason",)),
    "target_proposal": Trace(whole=("person",), texts=("facts",)),
    "kpi_value": _PERSON,
    "kpi_records": Trace(whole=("person",), hidden=("packed", "given")),
    "kpi_frozen": Trace(whole=("person",), hidden=("amounts",)),
    "kpi_restatement": _PERSON,
    "insight": Trace(whole=("person",), texts=("facts",), hidden=("records",)),
    "learn_observation": _PERSON,
    "learn_session": Trace(whole=("rep",), named=("manager",)),
    "learn_rhythm": Trace(whole=("rep",), named=("manager",)),
    "learn_commitment": Trace(whole=("manager",)),
    "learn_together": Trace(whole=("team",)),
    "agenda": Trace(
        whole=("rep",),
        named=("manager",),
        cleared=("manager_text",),
        texts=(
            "subject",
            "text",
            "manager_text",
            "document",
            "gist",
            "rep_topic",
            "next_steps",
            "asked",
        ),
    ),
    "overview": Trace(whole=("manager",), texts=("subject", "text")),
    "suggestion": Trace(whole=("rep",), texts=("text",)),
    "action": Trace(
        whole=("who",),
        named=("manager", "asked_by"),
        texts=("text", "former", "said", "verify", "evidence"),
    ),
    "hand_task": Trace(owner=("owner_id",), owner_named=("made_by",), texts=("subject",)),
    "cycle": _REP,
    "figure_flag": _REP,
    "talk_view": _REP,
    "talk_event": Trace(whole=("manager", "rep")),
    "pair_rest": Trace(whole=("rep", "manager")),
    "pair_rule": Trace(whole=("rep", "manager")),
    "one_on_one_capture": Trace(whole=("rep", "by"), texts=("text",)),
    "private_note": Trace(whole=("author", "rep"), hidden=("sealed",)),
    "write": Trace(
        whole=("person",),
        owner_named=("seen_modified_by",),
        texts=(
            "reason",
            "subject",
            "body",
            "before_body",
            "written_body",
            "seen_body",
            "seen_subject",
            "text",
        ),
    ),
    "console_user": Trace(whole=("email",), hidden=("password", "totp")),
    "console_identity": Trace(user=("user",), hidden=("digest",)),
    "console_session": Trace(user=("user",), hidden=("digest",)),
    "console_token": Trace(user=("user",), hidden=("digest",)),
    "console_link": Trace(whole=("email",), hidden=("digest",)),
    "setup_step": Trace(texts=("value",)),
    "job": Trace(texts=("payload", "last_error")),
    "audit_text": Trace(texts=("text",)),
    "crm_person": Trace(whole=("email",), texts=()),
    "crm_absence": Trace(owner=("person_id",)),
    "crm_quota": Trace(owner=("owner_id",)),
    "crm_participant": Trace(owner_named=("person_id",), contact=("contact_id", "lead_id")),
    "crm_contact_role": Trace(contact=("contact_id",)),
    "crm_account": Trace(texts=("custom",)),
    "crm_deal": Trace(texts=("next_step", "lost_reason", "custom")),
    "crm_task": Trace(texts=("custom",)),
    "crm_lead": Trace(contact=("id",), contact_named=("contact_id",), texts=("custom",)),
    "crm_lead_change": Trace(contact=("lead_id",)),
    "crm_activity": Trace(
        contact_named=("contact_ids", "lead_id"),
        owner_named=("colleague_ids",),
        texts=("custom",),
    ),
}

_COMPANYS = "the company's record; an owner is an id that names nobody once the person is gone"
_TOTAL = "totals and means that are about nobody"

#: Tables in which nobody stands, and why.
ABOUT_NOBODY: Mapping[str, str] = {
    "organisation": "the house itself",
    "connection": "an account; what signs in there is sealed",
    "secret": "the token of an account, sealed",
    "note": "where a connector stands",
    "pull_cursor": "where reading stands",
    "api_window": "calls of an account",
    "api_grant": "calls of an account",
    "api_place": "calls of an account",
    "job_wait": "which job waits for which",
    "schedule_slot": "moments",
    "data_key": "keys",
    "heartbeat": "when the scheduler ticked last, and what the last look at a trail found",
    "agenda_template": "how 1on1s of a role are planned",
    "key_pair": "keys of an account, sealed",
    "console_consent": "what an app is asked with, sealed, for ten minutes",
    "erased": "digests, so that nobody comes back",
    "audit": "role, random id and key; texts with names lie apart, and go",
    "sign_in_failure": "fingerprints, for 30 days",
    "stage_map": "what stages mean",
    "kpi_definition": "KPIs that an admin has defined",
    "pipeline_day": _COMPANYS,
    "learn_step": _TOTAL,
    "learn_compared": _TOTAL,
    "learn_within": _TOTAL,
    "learn_stage": _TOTAL,
    "self_assessment": _TOTAL,
    "crm_deal_change": _COMPANYS,
    "crm_split": _COMPANYS,
    "crm_quote": _COMPANYS,
    "crm_stage": "what stages are called",
    "crm_rate": "exchange rates",
    "crm_fiscal_period": "the company's calendar",
}
