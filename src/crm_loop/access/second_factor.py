"""A second factor: codes of half a minute (TOTP, RFC 6238), each of which counts once."""

import hmac
from datetime import datetime

import pyotp
import segno
from sqlalchemy import Engine

from crm_loop.secrets import Sealing
from crm_loop.store import State
from crm_loop.store.users import User

#: A clock may be one step fast or slow.
_AROUND = (0, -1, 1)
ISSUER = "1on1 Notes"


def new_secret() -> str:
    """160 random bits, as authenticator apps take them."""
    return pyotp.random_base32()


def address_of(secret: str, email: str) -> str:
    """What an authenticator app opens: `otpauth://totp/…`."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def picture_of(address: str) -> str:
    """The address as a QR code in SVG: dark on white with its margin, on whatever page it stands.

    It holds the secret, so it goes where the secret may go and is kept nowhere.
    """
    code = segno.make_qr(address, error="m")
    return code.svg_inline(svgclass=None, lineclass=None, omitsize=True, light="#fff", border=4)


def step_of(secret: str, code: str, *, now: datetime, after: int = 0) -> int | None:
    """The half minute that a code belongs to, if it is right and later than `after`."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit()):
        return None
    totp = pyotp.TOTP(secret)
    current = int(now.timestamp()) // totp.interval
    found = None
    for offset in _AROUND:
        right = hmac.compare_digest(totp.generate_otp(current + offset), digits)
        if right and current + offset > after:
            found = current + offset
    return found


def sealed(seal: Sealing, user: User, secret: str) -> str:
    return seal.lock(secret, user.organisation, "totp", user.id)


def passes(engine: Engine, seal: Sealing, user: User, code: str, *, now: datetime) -> bool:
    """Whether a code is right for this user, and uses it up; True where none is asked for."""
    if user.totp is None:
        return True
    secret = seal.open(user.totp, user.organisation, "totp", user.id)
    step = step_of(secret, code, now=now, after=user.totp_step)
    if step is None:
        return False
    with engine.begin() as connection:
        return State(connection, user.organisation).users.take_step(user.id, step)
