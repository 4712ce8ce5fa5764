"""Where a CRM's stages belong by default: by the names everybody uses, else by probability."""

from collections.abc import Iterable

from crm_loop.records import Stage

#: Standard stage names of both CRMs, lower case, in English and Japanese.
_NAMES = {
    "S1": ("prospecting", "appointmentscheduled", "appointment scheduled", "初回商談", "アポイント",
           "見込み", "新規"),
    "S2": ("qualification", "qualifiedtobuy", "qualified to buy", "needs analysis", "案件化",
           "ヒアリング", "評価", "ニーズ分析"),
    "S3": ("value proposition", "id. decision makers", "perception analysis", "presentationscheduled",
           "presentation scheduled", "decisionmakerboughtin", "decision maker bought-in",
           "proposal/price quote", "proposal", "提案", "提案/価格の見積", "見積"),
    "S4": ("negotiation/review", "negotiation", "contractsent", "contract sent", "交渉", "契約手続き",
           "最終交渉"),
}  # fmt: skip
_BY_NAME = {name: canonical for canonical, names in _NAMES.items() for name in names}

#: Upper bounds of probability, where a name says nothing.
_BANDS = ((0.15, "S1"), (0.5, "S2"), (0.8, "S3"))


def canonical_of(stage: Stage) -> str:
    """S1 first meeting, S2 qualified, S3 proposal, S4 negotiation, won or lost."""
    if stage.is_closed:
        return "won" if stage.is_won else "lost"
    for name in (stage.id.lower(), stage.label.lower()):
        if name in _BY_NAME:
            return _BY_NAME[name]
    probability = stage.probability or 0.0
    return next((canonical for bound, canonical in _BANDS if probability <= bound), "S4")


def default_rows(stages: Iterable[Stage]) -> dict[tuple[str, str], str]:
    """(pipeline, stage id) of each stage to its default place."""
    return {(stage.pipeline, stage.id): canonical_of(stage) for stage in stages}
