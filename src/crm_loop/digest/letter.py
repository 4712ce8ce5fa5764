"""The weekly list as a letter: plain text, and the same as HTML; pure."""

import re
from dataclasses import dataclass
from html import escape

from crm_loop.loop_records import Overview
from crm_loop.wording import Words

_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail to one person; `id` names it for ever, so that it is sent once."""

    id: str
    to: str
    sender: str
    subject: str
    text: str
    html: str


def letter_of(overview: Overview, words: Words, where: str = "letter.where") -> Letter:
    """The list as it stands in the CRM, and where its marks are made, or what else is `where`."""
    lines = [*overview.text.splitlines(), "", words.say(where)]
    return Letter(
        id=overview.key,
        to=overview.manager,
        sender=words.say("letter.sender"),
        subject=overview.subject,
        text="\n".join(lines) + "\n",
        html=_page(overview.subject, lines, words.language),
    )


def _page(title: str, lines: list[str], language: str) -> str:
    body = "\n".join(f"<p>{_line(line)}</p>" for line in lines if line.strip())
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
        f"<title>{escape(title)}</title></head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _line(line: str) -> str:
    """Escaped; what is indented stays so, and an address can be followed."""
    indent = "&emsp;" * (len(line) > len(line.lstrip()))
    text, last = "", 0
    plain = line.strip()
    for found in _ADDRESS.finditer(plain):
        url = escape(found.group(), quote=True)
        text += escape(plain[last : found.start()]) + f'<a href="{url}">{url}</a>'
        last = found.end()
    return indent + text + escape(plain[last:])
