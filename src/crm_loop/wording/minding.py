"""What somebody types, looked at before it is kept where others read it; advice, never a bar."""

import re
from enum import StrEnum

from crm_loop.wording.linter import tone


class Mind(StrEnum):
    """PRIVATE: health, family, wishes for one's future. TONE: it may sound harsh to the reader."""

    PRIVATE = "private"
    TONE = "tone"


_PRIVATE = re.compile(
    r"体調|持病|病気|通院|入院|休職|うつ|メンタル|妊娠|産休|育休|育児|介護|家族の|家庭の|離婚"
    r"|転職|退職|辞めたい|異動したい|異動希望"
    r"|(?i:\b(?:my health|illness|sick leave|in hospital|depress\w*|burn(?:ed|t)? ?out|pregnan\w*"
    r"|parental leave|childcare|my (?:family|wife|husband|partner|kids?|child|children|parents?)"
    r"|divorce\w*|resign\w*|quit my job|new job|leave the company|change teams)\b)"
)


def mind(text: str) -> Mind | None:
    """What a person might want to think about before keeping this, if anything."""
    if _PRIVATE.search(text):
        return Mind.PRIVATE
    return Mind.TONE if tone(text) else None
