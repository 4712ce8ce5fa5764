"""What somebody types, looked at before it is kept where others read it; advice, never a bar."""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from crm_loop.wording.linter import tone


class Mind(StrEnum):
    """PRIVATE: health, family, wishes for one's future. TONE: it may sound harsh to the reader.

    COMPARED: it ranks somebody, or holds somebody against a colleague.
    """

    PRIVATE = "private"
    COMPARED = "compared"
    TONE = "tone"


_PRIVATE = re.compile(
    r"体調|持病|病気|通院|入院|休職|うつ|メンタル|妊娠|産休|育休|育児|介護|家族の|家庭の|離婚"
    r"|転職|退職|辞めたい|異動したい|異動希望"
    r"|(?i:\b(?:my health|illness|sick leave|in hospital|depress\w*|burn(?:ed|t)? ?out|pregnan\w*"
    r"|parental leave|childcare|my (?:family|wife|husband|partner|kids?|child|children|parents?)"
    r"|divorce\w*|resign\w*|quit my job|new job|leave the company|change teams)\b)"
)


_RANKED = re.compile(
    r"(?<![単部本])[\d一二三]位|(?<!優先)順位|ランキング|ビリ|びり|下から[\d一二三]+番"
    r"|(?i:\brank(?:s|ed|ing)?\b|\bbottom of the (?:team|list)\b|\bbest in the team\b)"
)
#: Beside a colleague's name these hold one against the other; so does a number.
_COMPARING = re.compile(
    r"より(?=も|多|少|上|下|早|速|遅|良|よ[いくか]|悪|でき|出来|うま|強|弱|高|低)"
    r"|比べ|比較|のほうが|の方が|並み|見習|負け|勝っ|差が|\d"
    r"|(?i:\b(?:than|compared|unlike|better|worse|behind|ahead of)\b)"
)
#: Days and hours hold nobody against anybody.
_WHEN = re.compile(
    r"\d{1,4}[-/月]\d{1,2}(?:[-/]\d{1,2})?日?|\d{1,2}(?::\d{2}|時|日|分)"
    r"|(?i:\b\d{1,2}\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*)"
)


def mind(text: str, colleagues: Iterable[str] = ()) -> Mind | None:
    """What a person might want to think about before keeping this, if anything.

    `colleagues` are what others than the two who talk are called.
    """
    if _PRIVATE.search(text):
        return Mind.PRIVATE
    plain = unicodedata.normalize("NFKC", text)
    named = any(name in text for name in colleagues if name)
    if _RANKED.search(plain) or (named and _COMPARING.search(_WHEN.sub("", plain))):
        return Mind.COMPARED
    return Mind.TONE if tone(text) else None
