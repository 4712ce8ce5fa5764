"""Hand letters to a mail server."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formataddr
from urllib.parse import unquote, urlsplit

from crm_loop.digest.letter import Letter
from crm_loop.errors import NeedsAttention, Transient
from crm_loop.outbound import on_loopback

SECONDS = 15.0
_PLAIN, _SECURE = 25, 465


@dataclass(frozen=True, slots=True)
class Post:
    """A mail server, as `smtp://[user:password@]host[:port]` or `smtps://…`."""

    url: str = field(repr=False)

    def send(self, letter: Letter) -> None:
        """Send one letter.

        Raises Transient or NeedsAttention where it was surely not taken. What fails after the
        server began to take it counts as sent: nobody gets a letter twice.
        """
        with self._open() as server:
            try:
                server.send_message(self._message(letter))
            except smtplib.SMTPRecipientsRefused as error:
                raise _refused(letter.id) from error
            except (smtplib.SMTPResponseException, smtplib.SMTPSenderRefused) as error:
                raise _silent() from error
            except (OSError, smtplib.SMTPException):
                return

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = formataddr((letter.sender, self._own()))
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Message-ID"] = f"<{letter.id}@{self._host()}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        return message

    @contextmanager
    def _open(self) -> Iterator[smtplib.SMTP]:
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise _silent() from error
        with server:
            try:
                self._sign_in(server)
            except smtplib.SMTPAuthenticationError as error:
                raise NeedsAttention(
                    "The mail server does not accept our name and password.",
                    code="mail.sign_in",
                    do="Correct CRM_LOOP_SMTP_URL.",
                ) from error
            except (OSError, smtplib.SMTPException) as error:
                raise _silent() from error
            yield server

    def _connected(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        if parts.scheme == "smtps":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(
                self._host(), parts.port or _SECURE, timeout=SECONDS, context=context
            )
        return smtplib.SMTP(self._host(), parts.port or _PLAIN, timeout=SECONDS)

    def _sign_in(self, server: smtplib.SMTP) -> None:
        """Encrypt where that can be done, and never give a password away in the open."""
        parts = urlsplit(self.url)
        secure = isinstance(server, smtplib.SMTP_SSL)
        server.ehlo_or_helo_if_needed()
        if not secure and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            secure = True
        if parts.username:
            if not secure and not on_loopback(self.url):
                raise _open_line()
            server.login(unquote(parts.username), unquote(parts.password or ""))

    def _host(self) -> str:
        return urlsplit(self.url).hostname or "localhost"

    def _own(self) -> str:
        user = unquote(urlsplit(self.url).username or "")
        return user if "@" in user else f"no-reply@{self._host()}"


def _open_line() -> NeedsAttention:
    return NeedsAttention(
        "The mail server offers no encryption, so that our password was not given to it.",
        code="mail.encryption",
        do="Use smtps:// in CRM_LOOP_SMTP_URL, or a server that offers STARTTLS.",
    )


def _silent() -> Transient:
    return Transient("The mail server did not take a letter.", code="mail.silent")


def _refused(id_: str) -> NeedsAttention:
    return NeedsAttention(
        f"The mail server knows nobody at the address of letter {id_}.",
        code="mail.address",
        do="Correct the e-mail address of the manager.",
    )
