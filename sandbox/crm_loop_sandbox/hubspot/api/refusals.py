"""Rules of the account that may refuse a row: played when their fault is armed."""

from typing import Any

from crm_loop_sandbox.hubspot.call import Call
from crm_loop_sandbox.hubspot.errors import (
    ApiError,
    Problem,
    bad_request,
    invalid_values,
    missing_required,
)

#: What the account's form for new records demands while `validation_rule` is armed.
REQUIRED_BY_FORM = "hs_task_priority"


def refuse_row(call: Call, row: Any) -> None:
    """Raise what an account rule or an inactive owner makes of the next row, as it was sent."""
    if call.strikes("validation_rule", text=str(row)):
        if call.version == "2026-09" and call.method == "POST":
            # Since that version the fields that the account's form demands bind apps as well.
            raise missing_required(call.kind().label, [REQUIRED_BY_FORM])
        message = "This value is not allowed by a validation rule of your account."
        raise invalid_values([Problem("hs_task_subject", "VALIDATION_RULE_FAILED", message)])
    if call.strikes("inactive_owner"):
        problem = Problem("hubspot_owner_id", "INVALID_OWNER_ID", "Owner is not active.")
        raise invalid_values([problem])


def spoiled(call: Call, count: int) -> tuple[int, ApiError] | None:
    """Which row of a batch fails while the others go through, and how; None when none does."""
    if not call.strikes("partial_batch"):
        return None
    return count - 1, bad_request("The row could not be saved. Please try again.")
