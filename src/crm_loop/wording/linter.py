"""Tone and form of what people read: blocking for our own texts, advice for typed ones."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files


class Kind(StrEnum):
    """What a text is to its reader; each has a form of its own."""

    LINE = "line"
    QUESTION = "question"
    SUBJECT = "subject"
    MEMO = "memo"


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a text breaks, and where."""

    rule: str
    found: str


#: No blame, no comparison with other people, no verdict on a person.
TONE = (
    r"(なぜ|どうして|なんで).{0,15}(なかった|ないの)",
    "言い訳", "努力不足", "怠慢", "最下位", "他の(人|メンバー)は", "ダメ", "失格", "ノルマ",
    r"(?i)why (didn't|did you not|haven't) you", r"(?i)\bexcuse", r"(?i)\blazy\b",
    r"(?i)you failed", r"(?i)\bworst\b", r"(?i)\brank(ed)? last\b", r"(?i)everyone else",
)  # fmt: skip

INTERROGATIVES_JA = (
    "何", "なに", "どう", "どの", "どれ", "どんな", "どこ", "いつ", "誰", "いくつ", "教えて",
)  # fmt: skip

#: Longest forms, in characters.
LONGEST = {
    "ja": {"sentence": 45, "question": 30, "bullet": 60, "subject": 40},
    "en": {"sentence": 120, "question": 75, "bullet": 130, "subject": 80},
}
MEMO_LINES = 25
#: Two minutes of reading: Japanese in characters, English in words.
MEMO_SIZE = {"ja": 600, "en": 260}

_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_OPEN_END_JA = re.compile(r"(か|か\?|か？|ください|ください。)$")
_OPEN_START_EN = re.compile(r"^(what|how|which|where|when|who|tell me)\b", re.IGNORECASE)

_EVERYWHERE = {
    "no_exclamation": r"[!！]",
    "no_emoji": r"[\U0001f000-\U0001faff\u2600-\u27bf]",
    "whole_numbers": r"\d\.\d+ ?(件|人|社|名|回|deals?|meetings?|people|opportunit)",
}
_JA = {
    "half_width_digits": r"[０-９]",
    "no_space_before_unit": r"\d (件|人|社|名|回|分|日|円|万|億)",
    "wave_dash": r"\d ?[~～–—-] ?\d+(件|人|社|名|回|月)|\uff5e",
    "date_form": r"\d/\d{1,2}\([月火水木金土日]\)|\d月\d{1,2}日"
    r"|(?<![\d/.])\d{1,2}/\d{1,2}(?![\d/（(])",
    "full_width_signs": r"[\u3040-\u9fff）」？][?(),:]|[?():](?=[\u3040-\u9fff])",
    "punctuation": r"[，．｡､･]",
    "no_half_width_kana": r"[ｦ-ﾝ]",
    "no_stop_after_question": r"[？?]。",
    "no_circled_digits": r"[①-⑳]",
    "arrows_only_for_results": r"⇒|➡|→.*→|→$",
    "no_cross": r"[×✕]",
    "no_persons_pronoun": r"私|あなた|部下|上司",
    "no_titles": r"(?<!お客)様(?!子|々)|[氏君](?!名)"
    r"|(?<=[\u30a1-\u30fa\u3400-\u9fff])(部長|課長|係長|社長|主任|専務|常務|取締役)",
    "no_commands": r"してください|しなさい|せよ|すること。",
    "no_judging_words": r"すばらしい|素晴らしい|残念ながら",
    "not_said": "未達|遅れて完了|未記入|未設定|本人申告|超過|すべき|しかない|必ず",
}  # fmt: skip
_EN = {
    "plain_signs": r"[\u3000-\u303f\uff00-\uffef]",
    "no_judging_words": r"(?i)\b(great|awesome|unfortunately|sadly|excellent)\b",
    "not_said": r"(?i)\b(overdue|failed|must|missed|behind schedule|self-reported)\b",
}
#: Fewer cases than this are told as they are: two of twelve, and no share.
PERCENT_FROM = 20
_PERCENT = re.compile(r"\d ?[%％]")
_COUNTED = re.compile(r"(?<![\d.,])(\d[\d,]*)(?![\d,.]* ?[%％])")
#: What a sentence is introduced by is no part of it.
_LABEL = re.compile(r"^[^。：？]{1,10}：")
_BLOCK = re.compile(r"^\d\. ")
_POLITE = re.compile(r"(です|ます|でした|ました|ません|でしょう|ましょう|ですか|ますか|ませんか)$")
_NOUN_END = re.compile(r"([^\u3040-\u309f]|こと|ため|ほど|なし|まで|もの)$")
#: What need not stand in a hit as it is written.
_LOOSE = re.compile(r"\(\?i\)|\\[a-z]|\([^()]*\)\??|\[[^]]*\]\??|.[?*]|.\{[^}]*\}")
#: A rule that is nothing but whole words.
_WORDS = re.compile(r"\(\?i\)\\b\(([a-z|-]+(?: [a-z|-]+)*)\)\\b")
#: Upper and lower case are one in Japanese.
_PLAIN = re.compile(r"^(\(\?i\))?[\u3040-\u9fff]+$")
_ARROW_BEFORE = re.compile(r"\s*(->|→)\s*")


def tone(text: str, patterns: Sequence[str] = TONE) -> int:
    """How many tone patterns the text matches at least once."""
    return sum(re.search(pattern, text) is not None for pattern in patterns)


def blocked(text: str, language: str) -> bool:
    """Whether a text of ours must not reach anybody: its tone, its verdicts, its jargon."""
    plain, patterns = _blocking(language)
    for word in plain:
        if word in text:
            return True
    lowered = text.lower()
    return any(stem in lowered and pattern.search(text) for stem, pattern in patterns)


@lru_cache(maxsize=2)
def _blocking(language: str) -> tuple[tuple[str, ...], tuple[tuple[str, re.Pattern[str]], ...]]:
    """Plain words, and patterns with what any hit must hold: both are found ten times as fast."""
    rules = _JA if language == "ja" else _EN
    own = [f"(?i){one}" for one in jargon(language)]
    own += [part for name in ("not_said", "no_judging_words") for part in _parts(rules[name])]
    every = [*TONE, *own]
    plain = [one.removeprefix("(?i)") for one in every if _PLAIN.match(one)]
    patterns = [(_stem(one), re.compile(one)) for one in every if not _PLAIN.match(one)]
    return tuple(plain), tuple(patterns)


def _stem(pattern: str) -> str:
    """Letters that every hit of the pattern holds, in small ones; empty where there are none."""
    return max((one.strip() for one in _LOOSE.split(pattern)), key=len).lower()


def _parts(pattern: str) -> list[str]:
    """The words of a rule that is nothing but words, each as a pattern of its own."""
    words = _WORDS.fullmatch(pattern)
    if words:
        return [rf"(?i)\b{one}\b" for one in words[1].split("|")]
    return [pattern] if pattern.startswith("(") else pattern.split("|")


def is_japanese(text: str) -> bool:
    """Whether a text has letters that only readers of Japanese know."""
    return not text.isascii() and bool(_JAPANESE.search(text))


def is_open(question: str, interrogatives_ja: Sequence[str] = INTERROGATIVES_JA) -> bool:
    """Whether a question leaves the answer to the other one, rather than to yes and no."""
    text = question.strip()
    if is_japanese(text):
        return bool(_OPEN_END_JA.search(text)) and any(word in text for word in interrogatives_ja)
    return bool(_OPEN_START_EN.match(text))


def lint(text: str, language: str, kind: Kind = Kind.LINE) -> list[Violation]:
    """Every rule that the text breaks; a memo is judged as a whole and line by line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [Violation("tone", pattern) for pattern in TONE if re.search(pattern, text)]
    found += _matches(_EVERYWHERE | (_JA if language == "ja" else _EN), text)
    found += [Violation("jargon", word) for word in jargon(language) if _hit(word, text)]
    for line in lines:
        found += _line(line, language)
    if kind is Kind.SUBJECT:
        found += _subject(text, language)
    if kind is Kind.QUESTION and not is_open(text):
        found.append(Violation("open_question", text))
    if kind is Kind.MEMO:
        found += _memo(text, language)
    return found


@lru_cache(maxsize=2)
def jargon(language: str) -> tuple[str, ...]:
    text = files("crm_loop.wording").joinpath("jargon.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)[language])


def memo_size(text: str, language: str) -> int:
    """What a memo asks of its reader: characters, or English words, without the rep's lines."""
    return size_of(ours(text), language)


def size_of(lines: Iterable[str], language: str) -> int:
    """Characters, or English words, of some lines."""
    stripped = (line.strip() for line in lines)
    return sum(len(line) if language == "ja" else len(line.split()) for line in stripped)


def ours(text: str) -> list[str]:
    """The lines of a memo that are not there for somebody to fill in."""
    kept, inside = [], False
    for line in text.splitlines():
        is_field = line.startswith((" ", "\u3000"))
        inside = line.startswith(("▼", ">")) or (inside and is_field)
        if not inside and line.strip():
            kept.append(line)
    return kept


def _blocks(text: str) -> list[list[str]]:
    """The lines of a memo, block by block; what stands before the first one is none."""
    found: list[list[str]] = []
    for line in text.splitlines():
        if _BLOCK.match(line):
            found.append([])
        elif found:
            found[-1].append(line.strip())
    return found


def _matches(rules: dict[str, str], text: str) -> Iterable[Violation]:
    for rule, pattern in rules.items():
        hit = re.search(pattern, text)
        if hit:
            yield Violation(rule, hit.group())


def _hit(word: str, text: str) -> bool:
    return re.search(word, text, re.IGNORECASE) is not None


def _line(line: str, language: str) -> Iterable[Violation]:
    longest = LONGEST[language]
    bullet = line.removeprefix("・").removeprefix("- ")
    if bullet != line and len(bullet) > longest["bullet"]:
        yield Violation("bullet_length", line)
    if _PERCENT.search(line) and not _has_cases(line):
        yield Violation("percent_of_few", line)
    if len(re.findall(r"[？?]", line)) > 1:
        yield Violation("one_question_a_line", line)
    for sentence in _sentences(bullet):
        yield from _sentence(sentence, language)


def _has_cases(line: str) -> bool:
    """Whether a line with a share names as many cases as a share needs."""
    counts = (int(found.replace(",", "")) for found in _COUNTED.findall(line))
    return any(count >= PERCENT_FROM for count in counts)


def _sentences(line: str) -> list[str]:
    text = _LABEL.sub("", _ARROW_BEFORE.split(line)[-1])
    parts = re.split(r"(?<=[。？?])|(?<=\.)\s", text)
    return [part.strip() for part in parts if part and part.strip()]


def _sentence(sentence: str, language: str) -> Iterable[Violation]:
    longest = LONGEST[language]
    if sentence.endswith(("？", "?")):
        if len(sentence) > longest["question"]:
            yield Violation("question_length", sentence)
    elif sentence.endswith(("。", ".")) and len(sentence) > longest["sentence"]:
        yield Violation("sentence_length", sentence)
    if language == "ja" and sentence.endswith("。"):
        end = re.sub(r"（[^）]*）$", "", sentence.removesuffix("。"))
        if not _POLITE.search(end) and not _NOUN_END.search(end):
            yield Violation("polite_ending", sentence)


def _subject(text: str, language: str) -> Iterable[Violation]:
    if len(text) > LONGEST[language]["subject"]:
        yield Violation("subject_length", text)
    if language == "ja" and re.search(r"(です|ます|でした|ました)。?$", text):
        yield Violation("plain_subject", text)


def _memo(text: str, language: str) -> Iterable[Violation]:
    lines = ours(text)
    if len(lines) > MEMO_LINES:
        yield Violation("memo_lines", str(len(lines)))
    size = memo_size(text, language)
    if size > MEMO_SIZE[language]:
        yield Violation("memo_size", str(size))
    for block in _blocks(text):
        asked = [line for line in block if line.endswith(("？", "?"))]
        if len(asked) > 1:
            yield Violation("one_question_a_block", " ".join(asked))
    if len(re.findall("のようです", text)) > 1:
        yield Violation("seems_once", "のようです")
