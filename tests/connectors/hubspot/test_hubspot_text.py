"""Plain text into task bodies and back."""

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
