"""HubSpot's signature of a request, third version; pure.

Source: HubSpot's developer documentation, "Validating requests". The address is signed with some
signs decoded, the body exactly as it was sent.
"""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_loop_hubspot import values

SIGNATURE = "x-hubspot-signature-v3"
TIMESTAMP = "x-hubspot-request-timestamp"
#: Older requests are refused, and so are those from a future that no clock explains.
OLDEST = timedelta(minutes=5)
AHEAD = timedelta(minutes=1)
#: Signs that HubSpot decodes before it signs an address.
_DECODED = re.compile("%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A request as it came: `url` whole, with scheme and query; header names in lower case."""

    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]


def signature_of(request: Signed, secret: str, timestamp: str) -> str:
    """What HubSpot writes into the header, from the app's client secret."""
    url = _DECODED.sub(lambda found: chr(int(found[1], 16)), request.url)
    text = f"{request.method.upper()}{url}".encode() + request.body + timestamp.encode()
    return b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()


def is_genuine(request: Signed, secret: str, now: datetime) -> bool:
    """Whether HubSpot sent it just now. The comparison takes as long for every wrong answer."""
    given, stamp = request.headers.get(SIGNATURE, ""), request.headers.get(TIMESTAMP, "")
    right = signature_of(request, secret, stamp)
    same = hmac.compare_digest(given.encode(), right.encode())
    return same and _is_fresh(stamp, now)


def signed_at(request: Signed) -> datetime:
    """When HubSpot says that it signed; the epoch where it says nothing that can be read."""
    return values.first_moment(request.headers.get(TIMESTAMP))


def _is_fresh(stamp: str, now: datetime) -> bool:
    at = values.moment(stamp) if stamp.isascii() and stamp.isdecimal() else None
    return at is not None and now - OLDEST <= at <= now + AHEAD
