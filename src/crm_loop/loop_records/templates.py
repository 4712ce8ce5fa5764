"""How the 1on1s of a role are divided, and what is asked in them beside the question bank."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """`boxes` are blocks with their minutes, `minutes` all of them together.

    `questions` by block and language stand in place of the bank's question.
    """

    minutes: int
    boxes: Mapping[str, int]
    questions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def question(self, block: str, language: str) -> str:
        """The own question of a block; empty where the bank's is asked."""
        return self.questions.get(block, {}).get(language, "")
