"""Steps in words that name no doing: what would make one of them easier to begin; pure."""

import re
import unicodedata

VAGUE_WORDS = (
    "頑張", "意識", "改善", "徹底", "しっかり", "なるべく", "もっと", "検討する", "強化", "心がけ",
    "できるだけ", "try to", "improve", "do better", "consider", "focus on", "be mindful",
    "as much as possible",
)  # fmt: skip
_VAGUE = re.compile("|".join(map(re.escape, VAGUE_WORDS)))
_DAY = re.compile(
    r"\d+\s*[/月-]\s*\d+(?:\s*日)?|[月火水木金土日]曜|[今来]週|[今来]月|月末|明日|今日|日まで"
    r"|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b|\b(?:to|this|next) ?"
    r"(?:morrow|day|week|month)\b"
    r"|\b\d{1,2}(?:st|nd|rd|th)?\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*"
)


def lacking(text: str) -> tuple[str, ...]:
    """What a vague step leaves open, of `number` and `day`; nothing of one that is clear.

    Only a step that bears a vague word is one: what people type in clear words is theirs.
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    if not _VAGUE.search(plain):
        return ()
    without = _DAY.sub(" ", plain)
    open_ = {"number": not re.search(r"\d", without), "day": without == plain}
    return tuple(name for name, is_open in open_.items() if is_open)
