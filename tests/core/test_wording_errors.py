"""Whatever goes wrong is said in Japanese too: one sentence each, names kept."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from crm_loop.errors import NeedsAttention, Transient
from crm_loop.wording.said import complaint, said

ROOT = Path(__file__).parents[2]
#: What every error is a kind of, and helpers that make one of the sentences that they are given.
ROOTS = frozenset({"CrmLoopError"})
HELPERS = frozenset({"_unknown", "_bad_key", "_wrong", "_broken", "wrong"})
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


def sentences() -> Iterator[tuple[str, str]]:
    nodes = [(file, node) for file, tree in trees() for node in ast.walk(tree)]
    raised = errors(node for _, node in nodes) | HELPERS
    for file, node in nodes:
        if isinstance(node, ast.Call) and _name(node.func) in raised:
            for part in (*node.args, *(one.value for one in node.keywords)):
                for text in (_text(part), *_within(part)):
                    if len(re.findall("[a-z]{2,}", text)) > 1 and " " in text:
                        yield f"{file.name}:{node.lineno}", text.replace("{}", "x")


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for room in ("src", "connectors", "workers"):
        for file in sorted((ROOT / room).rglob("*.py")):
            yield file, ast.parse(file.read_text("utf-8"))


def errors(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Names of all classes that are errors of ours, whoever derived them from whom."""
    bases = {
        node.name: {_name(base) for base in node.bases}
        for node in nodes
        if isinstance(node, ast.ClassDef)
    }
    found = set(ROOTS)
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    return frozenset(found)


def _within(part: ast.expr) -> Iterator[str]:
    """What is put into a sentence where there is nothing else to name, or one of two."""
    chosen = (one for one in ast.walk(part) if isinstance(one, ast.BoolOp | ast.IfExp))
    for one in chosen:
        for value in one.values if isinstance(one, ast.BoolOp) else (one.body, one.orelse):
            yield _text(value)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)
    return ""


def test_every_sentence_that_is_raised_is_there_in_japanese() -> None:
    missing = [one for one in sentences() if not JAPANESE.search(said(one[1], "ja"))]
    assert missing == []


def test_names_stay_and_go_where_japanese_wants_them() -> None:
    assert said("The token belongs to portal 1, not to 2.", "ja") == (
        "このトークンはポータル1のもので、2のものではありません。"
    )
    assert said("There is no job 'x y'.", "ja") == "「x y」というジョブはありません。"


def test_a_reason_inside_a_sentence_is_said_too() -> None:
    assert said("people.csv, line 3: leave '2026-05-11' ends before it begins.", "ja") == (
        "people.csvの3行目：leaveの「2026-05-11」は、終わりが始まりより前です。"
    )


@pytest.mark.parametrize("sentence", ["Something new.", ""])
def test_what_is_not_known_and_english_stay_as_they_are(sentence: str) -> None:
    assert said(sentence, "ja") == sentence
    assert said("Nothing was lost.", "en") == "Nothing was lost."


def test_an_error_is_one_line_in_either_language() -> None:
    error = NeedsAttention("There is no connection 'x'.", code="x", do="Name another file.")
    assert complaint(error, "ja") == (
        "「x」という接続はありません。失われたものはありません。別のファイルを指定してください。"
    )
    assert complaint(Transient("Salesforce is busy."), "en") == (
        "Salesforce is busy. Nothing was lost. It will be tried again by itself."
    )
