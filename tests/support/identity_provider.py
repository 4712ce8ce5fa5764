"""A small identity provider on loopback, which can be told to answer wrongly."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "crm-loop", "kanaria-oidc-secret"

Change = Callable[[dict[str, Any]], None]


@dataclass
class IdentityProvider:
    """`claims` changes what an identity token says, `sign` how it is written."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    claims: Change = lambda _: None
    sign: Callable[["IdentityProvider", dict[str, Any]], str] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    who: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def let_in(self, address: str) -> dict[str, str]:
        """Somebody signs in there; what the browser brings back."""
        asked = {name: one[0] for name, one in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        assert asked["response_type"] == "code"
        code = sha256(asked["state"].encode()).hexdigest()
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "authorization_response_iss_parameter_supported": True,
            **self.facts,
        }

    def exchange(self, form: dict[str, str]) -> dict[str, Any] | None:
        """Tokens for a code: once, for whoever knows what its challenge was made of."""
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            self.refused.append("code")
            return None
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        if urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            self.refused.append("verifier")
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": asked["client_id"], "sub": "248289761001", "iat": now,
                  "exp": now + 300, "nonce": asked["nonce"], "email_verified": True,
                  **self.who}  # fmt: skip
        self.claims(claims)
        token = self.sign(self, claims) if self.sign else self.signed(claims)
        return {"access_token": "kanaria-access", "token_type": "Bearer", "id_token": token}

    def signed(self, claims: dict[str, Any], **header: str) -> str:
        return jwt.encode({"alg": "RS256", "kid": "1", **header}, claims, self.key)


@contextmanager
def served(provider: IdentityProvider) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/.well-known"):
                self.say(200, provider.configuration())
            elif self.path == "/keys":
                self.say(200, {"keys": [provider.key.as_dict(private=False)]})
            else:
                self.say(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: one[0] for name, one in parse_qs(body).items()}
            found = provider.exchange(form)
            self.say(200 if found else 400, found or {"error": "invalid_grant"})

        def say(self, status: int, value: dict[str, Any]) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
