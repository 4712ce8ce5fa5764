"""A key pair for signing in, and the certificate that the org is given."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from crm_loop.errors import WrongUsage

KEY_FILE, CERTIFICATE_FILE = "crm_loop.key", "crm_loop.crt"
#: Salesforce takes RSA with SHA-256 (RS256).
BITS = 3072
#: Two years: whoever connects in a browser is reminded by Salesforce before it ends.
LIFE = timedelta(days=730)
#: A certificate that begins in this minute is not valid yet for a clock that lags.
LAG = timedelta(hours=1)


def new_pair(now: datetime, life: timedelta = LIFE) -> tuple[bytes, bytes]:
    """A private key and its certificate, both as PEM; the certificate ends `life` after `now`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private, _certificate(key, now, life)


def make_pair(folder: Path, *, now: datetime, life: timedelta) -> tuple[Path, Path]:
    """Write a private key (for its owner's eyes only) and its certificate; never over others."""
    key_file, certificate_file = folder / KEY_FILE, folder / CERTIFICATE_FILE
    for file in (key_file, certificate_file):
        if file.exists():
            raise WrongUsage(
                f"{file} is there already.",
                code="usage.keygen",
                kept="It was left as it is.",
                do="Name another folder with --output, or move the old file away first.",
            )
    private, certificate = new_pair(now, life)
    folder.mkdir(parents=True, exist_ok=True)
    # Readable by nobody else from its first moment on.
    place = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(place, "wb") as target:
        target.write(private)
    certificate_file.write_bytes(certificate)
    return key_file, certificate_file


def _certificate(key: rsa.RSAPrivateKey, now: datetime, life: timedelta) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "crm_loop")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LAG)
        .not_valid_after(now + life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)
