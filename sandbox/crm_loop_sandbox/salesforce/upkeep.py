"""What time does to an org by itself: the recycle bin is emptied, old activities are archived.

None of it moves SystemModstamp.
"""

from datetime import timedelta

from crm_loop_sandbox.salesforce import cascades
from crm_loop_sandbox.salesforce.moments import written
from crm_loop_sandbox.salesforce.org import Org

BIN_DAYS = 15
ARCHIVED_AFTER_DAYS = 365


def keep(org: Org) -> None:
    """Run once a business day, before the first call that sees that day."""
    today = org.now[:10]
    if org.kernel.scratch.get("sf.kept") == today:
        return
    org.kernel.scratch["sf.kept"] = today
    cascades.purge_old(org, written(org.business_now() - timedelta(days=BIN_DAYS)))
    before = (org.business_now() - timedelta(days=ARCHIVED_AFTER_DAYS)).date().isoformat()
    for row in org.tables["Task"].values():
        if row["IsClosed"] and not row["IsArchived"]:
            row["IsArchived"] = (row["ActivityDate"] or row["CreatedDate"]) < before
    for row in org.tables["Event"].values():
        if not row["IsArchived"]:
            row["IsArchived"] = (row["ActivityDate"] or before) < before
