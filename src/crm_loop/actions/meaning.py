"""What kind of step words clearly name, so that the CRM's records can show it; pure.

Read are words in half width and lower case whose customers are replaced by `CUSTOMER`. Words that
only have to do with a thing (a report of a meeting, the reasons of a loss, the template of an
offer) name none of it, and where two readings are possible there is none: a tick tells then.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from crm_loop.loop_records import Verify

#: Stands where a customer's name was, so that "Callaway" is no call.
CUSTOMER = "\ufffc"

#: Something that is before, after or beside the step, and not the step.
_ASIDE = re.compile(
    r"次回?の?(?:1on1|面談|打ち合わせ|会議)?(?:の?(?:前|まえ))?まで(?:に|には)?"
    r"|(?:完了|クローズ|受注|成約)予定日?(?:の前)?まで(?:に|には)?"
    r"|(?:面談|訪問|電話|架電|打ち合わせ|打合せ)の?(?:前|後|あと|まえ|中)(?:に|で|の)?"
    r"|予定(?:通り|どおり)"
    r"|\b(?:before|by|until|after|in|during|at|for|ahead of|from)\s+"
    r"(?:(?:the|our|my|your|their|each|every|this|that|his|her)\s+)?"
    r"(?:next\s+|last\s+|first\s+)?(?:1on1|1:1|one-on-one|meeting|call|visit|close date)s?\b"
)
#: A length of time, a time of day, or how many of us go; such a number counts nothing.
_TIMES = re.compile(
    r"\d+\s*[名人]で|\d{1,2}:\d{2}|\d+\s*(?:分|時間|時|日|週間|か月|ヶ月|円|万|%|割)(?:以内|間|前後|ほど)?"
    r"|(?:within\s+|in\s+)?\b\d+[\s-]*(?:minutes?|mins?|hours?|days?|weeks?|months?|yen|percent)\b"
)
_RANGE = re.compile(r"(\d+)\s*[〜~、,–-]\s*\d+(?=\s*[件回社名人通本]|\s+[a-z])")
_KANJI = {"一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8"}
_ENGLISH = {"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
            "eight": "8", "nine": "9", "ten": "10"}  # fmt: skip

#: Work about a thing rather than the thing itself, and steps that are not to be taken.
_ABOUT = re.compile(
    r"準備|議事録|振り返|ふりかえ|検討(?!状況|中)|考え|相談|レビュー|ひな形|雛形|の型|書き方|進め方"
    r"|作り方|やり方|たたき台|下書き|ドラフト|テンプレ|原稿|台本|スクリプト|練習|ロープレ|分析"
    r"|洗い出|リストアップ|まとめ(?!て)|教わ|学ぶ|読む|かどうか|必要か|べきか|しない|やめる|控え"
    r"|(?:(?<!いつに)する|送る|出す|進める|会う|行く)か(?:を)?決め|見積(?:もり|り)?依頼|依頼書"
    r"|\b(?:prepare|preparing|practi[sc]e|rehearse|review|(?<!\d )minutes|notes|recordings?"
    r"|template|draft|outline|script|agenda|summar\w+|whether|decide if|think|consider|discuss"
    r"|analy\w+|learn|read|listen|write up|list of|don't|do not|stop|avoid)\b"
)
#: What is asked about a deal's past is nothing that its records show; calls for it are counted.
_REASONS = re.compile(r"理由|原因|\b(?:reasons?|why)\b")

_DATES = (
    r"(?:完了予定日?|完了日|クローズ(?:予定)?日|(?:受注|成約)予定日|close ?dates?|closing dates?)"
)
_DATED_ANEW = re.compile(
    rf"{_DATES}[^。]{{0,12}}(?:直す|直し|更新|見直|変更|修正|確認|入れ|改め|書き換え|延ば|前倒し|後ろ)"
    rf"|\b(?:fix|update|correct|change|confirm|move|push|set|adjust|revise|check|amend|put)\b"
    rf"[^.]{{0,40}}{_DATES}"
)
_OFFER = r"(?:見積(?:もり|り)?書?|提案書|提案資料)"
_OFFERED = re.compile(
    rf"{_OFFER}[^。]{{0,14}}?(?:送る|送付(?!した|済)|提出(?!した|済)|出す|お?渡し?(?:する|す)|届ける|送り(?!先|状))"
    rf"|{_OFFER}の?(?:提出|送付)$"
    r"|\b(?:send|submit|deliver|issue|e-?mail|hand)\b[^.]{0,50}?"
    r"\b(?:quotes?|quotations?|proposals?|offers?|estimates?)\b"
)
_LOST = re.compile(
    r"失注(?:に(?:する|変更|更新|入れ)|として|処理|登録|で(?:クローズ|閉じ))|見送り(?:に(?:する|変更)|として)"
    r"|\b(?:close|mark|set|record|enter|move|put)\b[^.]{0,40}?\b(?:as|to)\s+(?:closed[ -])?lost\b"
    r"|\b(?:mark|close)\b[^.]{0,40}\blost\b"
)
_FURTHER = re.compile(
    r"(?:次|一つ先|ひとつ先)の?(?:フェーズ|ステージ|段階)(?:に|へ)(?:進め|上げ|移)"
    r"|(?:フェーズ|ステージ)を(?:(?:1つ|一つ|ひとつ)(?:先に)?)?(?:進め|上げ)"
    r"|\b(?:move|advance|take|bring|get|push)\b[^.]{0,40}\bto (?:the|its|their) next stage\b"
    r"|\badvance\b[^.]{0,40}\b(?:by )?(?:one|a) stage\b"
)

_WHO = (
    r"決裁(?:者|に関わる方|権者|ルートの方)|キーマン|キーパーソン|意思決定者|ご?担当(?:者|の方)|責任者"
    rf"|購買部?の方|{CUSTOMER}(?:様|さん)?の[^、。]{{0,8}}?(?:部長|課長|社長|役員|専務|常務|本部長|工場長|購買|方)"
    r"|\b(?:decision[ -]makers?|buyers?|champion|sponsor|stakeholders?|purchasing|procurement"
    r"|cfo|ceo|cto|cio|coo|head of \w+|director|the people who decide|person who decides)\b"
)
_SOMEBODY = re.compile(_WHO)
#: Talks among us about a customer.
_OURS = re.compile(
    r"の件|について|に関して|上司|社内|\b(?:our|my)\s+(?:\w+\s+){0,2}(?:buyer|champion|sponsor|cfo|ceo"
    r"|cto|cio|coo|head of \w+|director|manager|team)\b"
)
_PEOPLE = re.compile(
    r"(\d+)\s*(?:名|人)(?:の方)?(?:と|に|へ|の)|\b(\d+)\s+(?:more\s+|other\s+)?"
    r"(?:people|persons|contacts|decision[ -]makers|stakeholders|buyers)\b"
)
_MEET = re.compile(
    r"会う|会って|会い(?:する|に|ます)|お会い|面談|訪問|打ち合わせ|打合せ|アポ"
    r"|\b(?:meet|see|visit)\b|\b(?:meeting|appointment)\b"
)
#: A meeting that is got rather than held; it may lie ahead.
_BOOKED = re.compile(
    r"(?:面談|打ち合わせ|打合せ|アポ|訪問)[^。]{0,14}?"
    r"(?:設定|予約|取る|取り付け|とる|入れる|組む|いただ|もら|調整|決める|押さえ|約束)"
    r"|アポ取り|アポイント"
    r"|\b(?:book|schedule|set up|arrange|fix|agree|get|plan|organi[sz]e)\b[^.]{0,30}?"
    r"\b(?:meeting|appointment|visit|demo)s?\b"
)
_NEXT = re.compile(
    r"日程(?!表)|次回(?:の)?(?:日程|アポ|面談|訪問)"
    r"|(?:次回|予定)[^。]{0,12}(?:決め|設定|調整|押さえ|入れ|取る|いただ|もら|登録|確定|予約|約束|組)"
    r"|\bnext (?:date|step|meeting|appointment|visit)\b"
)

#: What is read first comes first: an offer to send is no next date, though one may be named.
_ON_DEALS = (
    (Verify.CLOSE_DATE, _DATED_ANEW),
    (Verify.LOST, _LOST),
    (Verify.STAGE, _FURTHER),
    (Verify.PROPOSAL, _OFFERED),
    (Verify.NEXT_STEP, _NEXT),
)

_NEW = r"(?:リード|お?問い?合わ?せ|引き合い|反響|資料請求)"
_LEAD = re.compile(rf"{_NEW}|\b(?:leads?|enquir(?:y|ies)|inquir(?:y|ies))\b")
_WITHIN = re.compile(
    r"(?:1|一)時間以内|60分以内|\bwithin (?:the|an|one|1) hour\b|\bwithin 60 min(?:ute)?s?\b"
)

_FIRST = re.compile(r"初回の?(?:面談|訪問)|初めての(?:面談|訪問)|\bfirst meetings?\b")
_DONE: Mapping[str, re.Pattern[str]] = {
    "meeting": re.compile(r"面談|訪問|\bmeet(?:ings?)?\b|\bvisits?\b"),
    "call": re.compile(r"電話|架電|\b(?:calls?|phone|ring)\b"),
    "email": re.compile(r"メール|\be-?mails?\b"),
}
#: What a number stands right beside goes before what else is named.
_BESIDE = re.compile(
    r"\d+\s*[件回社名人通本](?:の(?:お客様|新規|見込み先))?[にへをとの]?\s*"
    r"(?P<ja>電話|架電|訪問|面談|メール)"
    r"|\b(?P<en>call|phone|ring|visit|meet|e-?mail)\s+(?:at least\s+|about\s+)?\d+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """`kind`: how it would be seen on the customers that are named, or in leads (V7).

    `activity`: what is counted; of people (V5) that they are met, not only asked to meet.
    `people` are how many of them; `first`: meetings with customers whom nobody has met.
    """

    kind: Verify | None = None
    activity: str | None = None
    people: int | None = None
    first: bool = False


def plain_counts(text: str) -> str:
    """The words with every number a count: no times, of a range the smaller, words as digits."""
    text = _TIMES.sub(" ", text)
    text = re.sub(
        rf"([{''.join(_KANJI)}])(?=\s*[件回社名人通本])", lambda one: _KANJI[one[1]], text
    )
    text = re.sub(rf"\b({'|'.join(_ENGLISH)})\b", lambda one: _ENGLISH[one[1]], text)
    return _RANGE.sub(r"\1", text)


def meant(text: str, customers: int, quantity: int | None) -> Meant:
    """What the words name, of which so many `customers` are told and perhaps a number."""
    soon = bool(_WITHIN.search(text) and _LEAD.search(text))
    text = _ASIDE.sub(" ", text)
    if _ABOUT.search(text):
        return Meant()
    if soon:
        return Meant(kind=Verify.LEADS)
    activity = _counted(text)
    first = activity == "meeting" and bool(_FIRST.search(text))
    if not customers or _REASONS.search(text):
        return Meant(activity=activity, first=first)
    people = _people(text) if customers == 1 else None
    if people is not None:
        return people
    kind = next((kind for kind, words in _ON_DEALS if words.search(text)), None)
    if kind is None and quantity is None and _BOOKED.search(text):
        # A meeting that is got is something dated ahead.
        kind = Verify.NEXT_STEP
    return Meant(kind=kind, activity=activity, first=first)


def _people(text: str) -> Meant | None:
    """People of the one customer that is named, whom somebody is to meet."""
    if not _MEET.search(text) or _OURS.search(text):
        return None
    counted = _PEOPLE.search(plain_counts(text))
    number = int(next(filter(None, counted.groups()))) if counted else 1
    if counted is None and not _SOMEBODY.search(text):
        return None
    held = None if _BOOKED.search(text) else "meeting"
    return Meant(kind=Verify.CONTACTS, activity=held, people=number)


def _counted(text: str) -> str | None:
    """The kind of activity; none where either of two would do."""
    found = [kind for kind, words in _DONE.items() if words.search(text)]
    either = re.search(r"(?:電話|架電|メール)(?:か|または|もしくは|や|/)|\bor\b", text)
    if either and len(found) > 1:
        return None
    beside = _BESIDE.search(plain_counts(text))
    if beside:
        word = beside["ja"] or beside["en"]
        found = [kind for kind, words in _DONE.items() if words.search(word)]
    if found[:1] == ["meeting"] and _BOOKED.search(text):
        # Meetings that are to be got are mostly held later.
        return None
    return next(iter(found), None)
