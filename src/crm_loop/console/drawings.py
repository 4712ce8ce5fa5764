"""Lay a drawn screen of a CRM out: where each line and box of the SVG stands, in its own units.

Narrow enough that a phone shows it in the size of its other text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from crm_loop.connector.drawing import Drawing, Kind, Part

WIDTH = 320
_LEFT, _RIGHT, _GAP, _LINE = 44, 14, 14, 19
_INNER = WIDTH - _LEFT - _RIGHT
#: Size of the letters, and the breadth of one in parts of it: wide for the widest common fonts.
_SIZE = 13
_NARROW, _CAPITAL, _WIDE = 0.58, 0.72, 1.0
#: Bold letters, which Japanese ones are not broader in.
_HEAVY = 0.62
_NEVER_FIRST = frozenset("、。）」』］，．・ー／)]:;,.")
_NEVER_LAST = frozenset("（「『［([")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of words; `y` is its base."""

    text: str
    x: float
    y: float
    look: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; `look` says which."""

    x: float
    y: float
    width: float
    height: float
    look: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A numbered call-out, by its centre."""

    number: int
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing in one language: shapes to be drawn in this order, and what to do by number."""

    name: str
    title: str
    said: str
    height: float
    boxes: Sequence[Box]
    lines: Sequence[Line]
    marks: Sequence[Mark]
    steps: Sequence[str]


def laid_out(drawing: Drawing, language: str, caption: str) -> Picture:
    """Place everything; `caption` stands above and says that it is a drawing."""
    boxes = [Box(0, 0, WIDTH, 28, "caption")]
    lines = [Line(caption, 12, 19, "caption")]
    y = 28.0
    place = wrapped(drawing.place[language], WIDTH - 24)
    boxes.append(Box(0, y, WIDTH, len(place) * _LINE + 12, "place"))
    lines += [Line(text, 12, y + 19 + n * _LINE, "place") for n, text in enumerate(place)]
    y += len(place) * _LINE + 12 + _GAP
    marks: list[Mark] = []
    steps: list[str] = []
    for part in drawing.parts:
        own = _Part(part, language, y)
        boxes += own.boxes()
        lines += own.lines()
        if part.do:
            steps.append(part.do[language])
            marks.append(Mark(len(steps), 22, y + own.middle))
        y += own.height + _GAP
    return Picture(
        name=drawing.name,
        title=drawing.title[language],
        said=_said(drawing, language),
        height=y,
        boxes=boxes,
        lines=lines,
        marks=marks,
        steps=steps,
    )


def _said(drawing: Drawing, language: str) -> str:
    """What the picture shows, for whoever hears it."""
    colon, end = ("：", "。") if language == "ja" else (": ", ". ")
    parts = [
        part.label[language] + (f"{colon}{part.value[language]}" if part.value else "")
        for part in drawing.parts
    ]
    return end.join([drawing.place[language], *parts]).strip() + end.strip()


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of a screen, from `top` downwards."""

    part: Part
    language: str
    top: float

    @property
    def label(self) -> list[str]:
        room = _INNER - {Kind.MENU: 20, Kind.BUTTON: 28, Kind.TICK: 26}.get(self.part.kind, 0)
        return wrapped(self.part.label[self.language], room)

    @property
    def value(self) -> list[str]:
        if not self.part.value:
            return []
        room = _INNER - (26 if self.part.kind is Kind.TICK else 34)
        return wrapped(self.part.value[self.language], room)

    @property
    def height(self) -> float:
        high = len(self.label) * _LINE
        if self.part.kind in (Kind.MENU, Kind.BUTTON):
            return high + 14
        if self.part.kind is Kind.TAB:
            return high + 10
        if self.part.kind in (Kind.FIELD, Kind.CHOICE):
            return high + 4 + len(self.value) * _LINE + 14
        return high + len(self.value) * _LINE

    @property
    def middle(self) -> float:
        """Where the call-out stands, below `top`: beside what is to be filled in or pressed."""
        if self.part.kind in (Kind.FIELD, Kind.CHOICE):
            high = len(self.label) * _LINE + 4
            return high + (self.height - high) / 2
        return 10.0 if self.part.kind is Kind.TICK else self.height / 2

    @property
    def widest(self) -> float:
        return max(breadth(one, narrow=_HEAVY) for one in self.label)

    def boxes(self) -> Iterator[Box]:
        kind, top, height = self.part.kind, self.top, self.height
        if kind is Kind.MENU:
            yield Box(_LEFT, top, _INNER, height, "menu")
            yield Box(_LEFT, top, 4, height, "bar")
        elif kind is Kind.TAB:
            yield Box(_LEFT, top + height - 2, _INNER, 1, "rule")
            yield Box(_LEFT, top + height - 4, self.widest, 3, "bar")
        elif kind is Kind.BUTTON:
            yield Box(_LEFT, top, self.widest + 28, height, "button")
        elif kind is Kind.TICK:
            yield Box(_LEFT, top + 2, 16, 16, "tick")
        elif kind is not Kind.TEXT:
            high = len(self.label) * _LINE + 4
            yield Box(_LEFT, top + high, _INNER, height - high, kind.value)

    def lines(self) -> Iterator[Line]:
        kind, top = self.part.kind, self.top
        indent = {Kind.MENU: 14, Kind.BUTTON: 14, Kind.TICK: 26}.get(kind, 0)
        down = 21 if kind in (Kind.MENU, Kind.BUTTON) else 14
        for n, text in enumerate(self.label):
            yield Line(text, _LEFT + indent, top + down + n * _LINE, f"{kind.value}-label")
        below = top + len(self.label) * _LINE
        inside, down = (26, 14) if kind is Kind.TICK else (10, 25)
        for n, text in enumerate(self.value):
            yield Line(text, _LEFT + inside, below + down + n * _LINE, "value")


def breadth(text: str, *, narrow: float = _NARROW) -> float:
    """About how broad a text is, rather too much than too little."""
    return sum(_breadth(sign, narrow) for sign in text) * _SIZE


def _breadth(sign: str, narrow: float) -> float:
    if east_asian_width(sign) in "WFA":
        return _WIDE
    return _CAPITAL if sign.isupper() else narrow


def wrapped(text: str, room: float) -> list[str]:
    """Break a text into lines: at blanks where it has some, else wherever Japanese allows it."""
    found = [""]
    for piece in _pieces(text):
        if breadth((found[-1] + piece).rstrip()) <= room:
            found[-1] += piece
        elif breadth(piece) <= room:
            found.append(piece.lstrip())
        else:
            for sign in piece:
                if breadth(found[-1] + sign) > room and sign not in _NEVER_FIRST:
                    found.append("")
                found[-1] += sign
    return [one.rstrip() for one in found if one.strip()]


def _pieces(text: str) -> Iterator[str]:
    """What stays together: a word with the blank behind it, a Japanese sign with its comma."""
    piece = ""
    for sign in text:
        wide = east_asian_width(sign) in "WF"
        after = piece[-1:]
        ends = after == " " or (after and (wide or east_asian_width(after) in "WF"))
        if ends and after not in _NEVER_LAST and sign not in _NEVER_FIRST and sign != " ":
            yield piece
            piece = ""
        piece += sign
    yield piece
