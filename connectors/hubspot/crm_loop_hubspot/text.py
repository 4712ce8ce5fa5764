"""Plain text into a task's HTML body and back, also after HubSpot's editor rewrote it."""

import re
from html import escape, unescape
from html.parser import HTMLParser

_BLOCKS = frozenset({"p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "blockquote", "tr"})
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_SOURCE_BREAKS = re.compile(r"[\r\n]+")
_KEY_LINE = re.compile(r"cl1[a-z][0-9a-f]{40}")


def to_html(plain: str) -> str:
    """Escape, and keep each line end as `<br>`."""
    return escape(normalised(plain), quote=False).replace("\n", "<br>")


def to_plain(body: str | None) -> str:
    """Lines as a person reads them; gives back exactly what `to_html` was given, normalised.

    Text without any tag keeps its own line ends.
    """
    if not body:
        return ""
    if not _TAG.search(body):
        return normalised(unescape(body))
    reader = _Lines()
    reader.feed(body)
    reader.close()
    return normalised(reader.text())


def normalised(plain: str) -> str:
    """The text with one kind of line end and of space, which is all that HTML leaves of it."""
    return plain.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")


def marked(plain: str, key: str) -> str:
    """The text with our key as its last line, for portals without a property for it."""
    return f"{normalised(plain)}\n{key}"


def unmarked(plain: str) -> tuple[str, str | None]:
    """Split a text into what people read and our key, None where the last line holds none."""
    body, _, last = plain.rstrip().rpartition("\n")
    if _KEY_LINE.fullmatch(last.strip()):
        return body, last.strip()
    return plain, None


class _Lines(HTMLParser):
    """Collects text; a paragraph ends its line even when empty, other blocks only a begun one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._done: list[str] = []
        self._open = ""
        self._broken = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "br" or (tag in _BLOCKS and self._open.strip()):
            self._end_line()
            self._broken = tag == "br"

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS and not self._broken and (tag == "p" or self._open.strip()):
            self._end_line()
        self._broken = False

    def handle_data(self, data: str) -> None:
        if "\n" in data and not data.strip() and not self._open:
            return
        self._open += _SOURCE_BREAKS.sub(" ", data)
        self._broken = False

    def text(self) -> str:
        last = [self._open] if self._open or self._broken else []
        return "\n".join([*self._done, *last])

    def _end_line(self) -> None:
        self._done.append(self._open)
        self._open = ""
