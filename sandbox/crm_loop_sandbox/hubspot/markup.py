"""Rich text as HubSpot's editor keeps it, and the plain text a person sees."""

import re
from html import escape, unescape
from html.parser import HTMLParser

_BLOCKS = frozenset({"p", "div", "li", "h1", "h2", "h3", "h4", "blockquote", "pre", "tr"})
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_SPACE = re.compile(r"[ \t\r\n]+")


class _Lines(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._line = ""
        self._broken = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "br" or (tag in _BLOCKS and self._line.strip()):
            self._flush()
            self._broken = tag == "br"

    def handle_endtag(self, tag: str) -> None:
        """A paragraph that a break has ended already ends no second line."""
        if tag in _BLOCKS and not self._broken and (tag == "p" or self._line.strip()):
            self._flush()
        self._broken = False

    def handle_data(self, data: str) -> None:
        self._line += _SPACE.sub(" ", data)
        self._broken = False

    def _flush(self) -> None:
        self.lines.append(self._line.strip(" ").replace("\xa0", " "))
        self._line = ""

    def finish(self) -> str:
        self.close()
        if self._line.strip():
            self._flush()
        return "\n".join(self.lines)


def plain(body: str | None) -> str:
    """Lines as a person reads them; text without any tag keeps its own line ends."""
    if not body:
        return ""
    if not _TAG.search(body):
        return unescape(body)
    lines = _Lines()
    lines.feed(body)
    return lines.finish()


def paragraphs(text: str) -> str:
    """What the editor makes of typed text: one paragraph a line, all of them in one block."""
    lines = (escape(line, quote=False) or "<br>" for line in text.split("\n"))
    inner = "".join(f'<p style="margin:0;">{line}</p>' for line in lines)
    return f'<div style="" dir="auto" data-top-level="true">{inner}</div>'
