"""Salesforce ids: fifteen characters that tell capitals apart, three more that make up for it."""

import hashlib

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
#: Two characters at once, the first one counting less.
_PAIRS = [first + second for second in _ALPHABET for first in _ALPHABET]
_CAPITALS = str.maketrans({c: "01"[c.isupper()] for c in _ALPHABET})

PREFIXES = {
    "Organization": "00D",
    "User": "005",
    "UserRole": "00E",
    "Account": "001",
    "Contact": "003",
    "Lead": "00Q",
    "Opportunity": "006",
    "OpportunityHistory": "008",
    "OpportunityFieldHistory": "017",
    "OpportunityStage": "01J",
    "Task": "00T",
    "TaskStatus": "01L",
    "Event": "00U",
    "ForecastingQuota": "0J9",
    "ForecastingType": "0Db",
    "Period": "026",
    "CurrencyType": "01K",
    "DatedConversionRate": "04w",
    "AsyncApexJob": "750",
    "BulkBatch": "751",
    "BulkResult": "752",
    "Campaign": "701",
    "Profile": "00e",
    "FiscalYearSettings": "022",
    "TaskPriority": "01M",
    "EmailMessage": "02s",
    "OpportunityContactRole": "00K",
    "OpportunitySplit": "1SO",
    "OpportunitySplitType": "149",
    "Quote": "0Q0",
    "PermissionSet": "0PS",
    "PermissionSetAssignment": "0Pa",
    "DeployRequest": "0Af",
}
_TABLES = {prefix: table for table, prefix in PREFIXES.items()}


def make_id(table: str, digest: bytes) -> str:
    """An 18-character id of the right kind; equal digests give equal ids."""
    number = int.from_bytes(digest[:9], "big")
    tail = PREFIXES[table]
    for _ in range(6):
        number, rest = divmod(number, len(_PAIRS))
        tail += _PAIRS[rest]
    return with_check(tail)


def with_check(short: str) -> str:
    """Add the three characters that make an id safe where capitals are lost."""
    capitals = short.translate(_CAPITALS)[::-1]
    first, second, third = capitals[10:], capitals[5:10], capitals[:5]
    return short + _CHECK[int(first, 2)] + _CHECK[int(second, 2)] + _CHECK[int(third, 2)]


def long_id(text: str) -> str:
    """The 18-character form of either form."""
    return with_check(text) if len(text) == 15 and text.isalnum() else text  # noqa: PLR2004


def table_of(record_id: str) -> str | None:
    return _TABLES.get(record_id[:3])


def register(table: str) -> str:
    """The prefix of an object; a custom one gets its own from its name."""
    if table not in PREFIXES:
        number = int.from_bytes(hashlib.sha256(table.encode()).digest()[:4], "big")
        while (prefix := f"a{_ALPHABET[number // 62 % 62]}{_ALPHABET[number % 62]}") in _TABLES:
            number += 1
        PREFIXES[table] = prefix
        _TABLES[prefix] = table
    return PREFIXES[table]
