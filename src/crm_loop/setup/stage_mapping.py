"""Where a CRM's stages belong by default: by the names everybody uses, else by probability."""

import unicodedata
from collections.abc import Iterable

from crm_loop.records import Stage

#: Standard stage names of both CRMs in English and Japanese, as `_plain` writes them.
_NAMES = {
    "S1": ("prospecting", "qualify", "appointmentscheduled", "appointment scheduled", "見込み", "見極め",
           "新規", "アポイント", "アポイント設定済み", "初回商談", "初回面談"),
    "S2": ("qualification", "needs analysis", "meet & present", "qualifiedtobuy", "qualified to buy",
           "案件化", "ヒアリング", "評価", "ニーズ分析", "ニーズの把握", "購入見込みあり"),
    "S3": ("value proposition", "id. decision makers", "perception analysis", "propose", "proposal",
           "proposal/price quote", "presentationscheduled", "presentation scheduled",
           "decisionmakerboughtin", "decision maker bought-in", "提案", "提案/価格の見積", "提案/見積",
           "見積", "見積提示", "プレゼン予定", "意思決定者の賛同"),
    "S4": ("negotiation/review", "negotiation", "negotiate", "contractsent", "contract sent", "交渉",
           "最終交渉", "契約手続き", "契約書送付済み"),
}  # fmt: skip
_BY_NAME = {name: canonical for canonical, names in _NAMES.items() for name in names}

#: Where a name says nothing: up to 15 % the first stage, then below 50 % and below 80 %.
_FIRST_UP_TO = 0.15
_BELOW = ((0.5, "S2"), (0.8, "S3"))


def canonical_of(stage: Stage) -> str | None:
    """S1 first meeting, S2 qualified, S3 proposal, S4 negotiation, won or lost.

    None for a stage that neither its name nor a probability places: a person has to.
    """
    if stage.is_closed:
        return "won" if stage.is_won else "lost"
    for name in (stage.id, stage.label):
        if _plain(name) in _BY_NAME:
            return _BY_NAME[_plain(name)]
    return None if stage.probability is None else _by_probability(stage.probability)


def _by_probability(probability: float) -> str:
    if probability <= _FIRST_UP_TO:
        return "S1"
    return next((canonical for bound, canonical in _BELOW if probability < bound), "S4")


def _plain(name: str) -> str:
    """Lower case, with full-width signs as half-width ones."""
    return unicodedata.normalize("NFKC", name).strip().lower()


def default_rows(stages: Iterable[Stage]) -> dict[tuple[str, str], str]:
    """(pipeline, stage id) of each stage to its default place, where it has one."""
    places = {(stage.pipeline, stage.id): canonical_of(stage) for stage in stages}
    return {key: canonical for key, canonical in places.items() if canonical is not None}
