"""What every answer says to the browser about what it may do with it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Everything comes from here, nothing is inline, nobody may frame it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
ALWAYS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Names no page to anybody else; our own forms say where they were sent from.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
YEAR = "max-age=31536000; includeSubDomains"


class SecurityHeaders:
    """Adds the headers; `secure`: the console is reached by https."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.fixed = ALWAYS | ({"strict-transport-security": YEAR} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        static = scope["path"].startswith("/static/") and b"v=" in scope["query_string"]
        keep = "public, max-age=31536000, immutable" if static else "no-store"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = self.fixed | {"cache-control": keep}
                kept = [
                    (name, value)
                    for name, value in message["headers"]
                    if name.decode().lower() not in extra
                ]
                added = [(name.encode(), value.encode()) for name, value in extra.items()]
                message["headers"] = [*kept, *added]
            await send(message)

        await self.app(scope, receive, with_headers)
