"""The signatures that HubSpot puts on what it sends."""

import base64
import hashlib
import hmac
import re

#: Only these are decoded in the address that is signed.
_DECODED = re.compile("%3A|%2F|%3F|%40|%21|%24|%27|%28|%29|%2A|%2C|%3B", re.IGNORECASE)


def headers(secret: str, url: str, body: bytes, *, ms: int) -> dict[str, str]:
    """Version 3 and, as HubSpot still sends it too, version 1. `ms`: real time since 1970."""
    old = hashlib.sha256(secret.encode() + body).hexdigest()
    return {
        "X-HubSpot-Signature-v3": signature(secret, url, body, ms=ms),
        "X-HubSpot-Request-Timestamp": str(ms),
        "X-HubSpot-Signature": old,
        "X-HubSpot-Signature-Version": "v1",
    }


def signature(secret: str, url: str, body: bytes, *, ms: int) -> str:
    """Version 3: HMAC-SHA256 of method, address, body and timestamp, in base64."""
    signed = b"POST" + _readable(url).encode() + body + str(ms).encode()
    return base64.b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()


def _readable(url: str) -> str:
    return _DECODED.sub(lambda found: chr(int(found.group()[1:], 16)), url)
