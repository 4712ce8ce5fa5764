"""Plain text into task bodies and back."""

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop_hubspot.text import marked, normalised, to_html, to_plain, unmarked

KEY = "cl1t" + "0a" * 20


@given(st.text())
def test_text_comes_back_from_a_body_as_it_was_written(plain: str) -> None:
    assert to_plain(to_html(plain)) == normalised(plain)


@given(st.text())
def test_a_body_holds_no_tag_but_line_breaks(plain: str) -> None:
    assert "<" not in to_html(plain).replace("<br>", "")


@given(st.text())
def test_the_key_line_is_found_and_taken_off_again(plain: str) -> None:
    assert unmarked(to_plain(to_html(marked(plain, KEY)))) == (normalised(plain), KEY)


#: What an editor may make of one line.
LINES = st.text(alphabet="▼次の一歩 金曜に電話 <&>abc", min_size=1).filter(lambda one: one.strip())
WRAPPED = st.sampled_from(
    [
        "<p>{}</p>",
        "<div>{}</div>",
        "<p><span>{}</span></p>",
        "<div><p>{}</p></div>",
        "<p>{}<br></p>",
    ]
)


@given(st.lists(st.tuples(LINES, WRAPPED), min_size=1))
def test_lines_survive_any_mixture_of_paragraphs(made: list[tuple[str, str]]) -> None:
    body = "".join(wrapped.format(escape(line)) for line, wrapped in made)
    assert to_plain(body).split("\n") == [line for line, _ in made]


@given(st.lists(LINES, min_size=1))
def test_lines_survive_in_a_list(lines: list[str]) -> None:
    body = "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
    assert to_plain(body).split("\n") == lines


def test_a_text_without_a_key_line_is_left_alone() -> None:
    assert unmarked("Call Acme\nabout cl1") == ("Call Acme\nabout cl1", None)


@pytest.mark.parametrize(
    ("body", "plain"),
    [
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<p>a</p><p></p><p>b</p>", "a\n\nb"),
        ("<p>a</p><p><br></p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<div><p>a</p><p>b</p></div>", "a\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("intro<ul><li>a</li></ul>outro", "intro\na\noutro"),
        ("a<br/>b<br />c", "a\nb\nc"),
        ('<p style="margin:0">a &amp; b&nbsp;c</p>', "a & b c"),
        ("<p>a</p>\n<p>b\nc</p>\n", "a\nb c"),
        ("a\nb &lt;c&gt;", "a\nb <c>"),
        ("", ""),
    ],
)
def test_lines_survive_whatever_the_editor_makes_of_them(body: str, plain: str) -> None:
    assert to_plain(body) == plain
