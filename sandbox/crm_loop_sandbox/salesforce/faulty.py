"""Faults on this face: what they answer, and what they do to the org."""

from crm_loop_sandbox.salesforce.call import Reply
from crm_loop_sandbox.salesforce.errors import error, session_expired
from crm_loop_sandbox.salesforce.org import Org

#: What is hidden where a fault hides a field or an object.
HIDDEN_FIELD, HIDDEN_OBJECT = ("Opportunity", "Amount"), "ForecastingQuota"
RENAMED = {"未着手": False, "完了": True}
_TOTAL = "TotalRequests Limit exceeded."
_CONCURRENT = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
_HTML = (
    b"<html><head><title>Service Unavailable</title></head><body>Service Unavailable</body></html>"
)


def answered(fault: str) -> Reply:
    """The platform's own answer for a fault that stands in the way of a call."""
    if fault == "token_503_html":
        return Reply(_HTML, 503, media="text/html;charset=UTF-8")
    refused = {
        "unauthorized": session_expired(),
        "limit_secondly": error(503, "SERVER_UNAVAILABLE", "Server too busy"),
        "limit_concurrent": error(403, "REQUEST_LIMIT_EXCEEDED", _CONCURRENT),
    }.get(fault, error(403, "REQUEST_LIMIT_EXCEEDED", _TOTAL))
    return Reply(refused.body, refused.status)


def alter(org: Org, method: str, path: str) -> None:
    """Faults that change what the org has, rather than one answer."""
    scratch, faults = org.kernel.scratch, org.kernel.faults

    def strikes(kind: str) -> bool:
        return faults.take(kind, "salesforce", method=method, path=path)

    if strikes("hide_field"):
        table, field = HIDDEN_FIELD
        scratch["sf.hidden"] = {table: (field,)}
    if strikes("hide_object"):
        scratch["sf.hidden_objects"] = (HIDDEN_OBJECT,)
    if strikes("rename_status"):
        scratch["sf.statuses"] = RENAMED
        _rename(org)
    if strikes("equal_stamp"):
        for row in org.tables["Opportunity"].values():
            row["SystemModstamp"] = org.now
            org.put("Opportunity", row)


def _rename(org: Org) -> None:
    """The statuses get other words; tasks that have one follow, without a new stamp."""
    words = {closed: word for word, closed in RENAMED.items()}
    for status in list(org.tables["TaskStatus"].values()):
        word = words.pop(status["IsClosed"], None)
        if word is None:
            org.drop("TaskStatus", status)
        else:
            status["ApiName"] = status["MasterLabel"] = word
    names = {closed: word for word, closed in RENAMED.items()}
    for row in org.tables["Task"].values():
        row["Status"] = names[row["IsClosed"]]
