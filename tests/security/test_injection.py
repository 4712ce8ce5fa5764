"""Text from a CRM, a file or a person stays text: in queries, pages, tables and lists."""

import csv
import io
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import Environment, PackageLoader

from crm_loop.digest.letter import letter_of
from crm_loop.loop_records import Member, Overview, Role, Target
from crm_loop.one_on_one.page import html_of
from crm_loop.setup import people_csv, targets_csv
from crm_loop.wording import words
from crm_loop_hubspot.text import to_html, to_plain
from crm_loop_salesforce import soql

# --- SOQL ---------------------------------------------------------------------------------------

TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|[A-Za-z_][\w.]*|\d[\d:TZ-]*|[=<>!]+|[(),]|\s+", re.DOTALL)
NASTY = st.one_of(
    st.text(),
    st.text(alphabet="'\\\"%_;()- \n\t\x00orOR=1"),
    st.sampled_from(["' OR Id != '", "\\' OR 1=1 --", "\\\\'", "'; DELETE", "%' OR Name LIKE '%"]),
)


def tokens(query: str) -> list[str]:
    """The query as whoever runs it takes it apart; fails where that is not possible."""
    found, place = [], 0
    while place < len(query):
        token = TOKEN.match(query, place)
        assert token is not None, query[place:]
        place = token.end()
        if token[0].strip():
            found.append(token[0])
    return found


def a_query(value: str, other: str) -> str:
    where = soql.both(f"Name = {soql.text(value)}", soql.one_of("Status", [soql.text(other)]))
    return soql.select(["Id", "Owner.Email"], "Task", where=where, order="Id")


def check_query(value: str, other: str) -> None:
    plain, hostile = tokens(a_query("a", "b")), tokens(a_query(value, other))
    assert len(plain) == len(hostile)
    said = [one[1:-1] for one in hostile if one.startswith("'")]
    assert [re.sub(r"\\(.)", r"\1", one, flags=re.DOTALL) for one in said] == [value, other]
    assert [p for p in plain if p[0] != "'"] == [h for h in hostile if h[0] != "'"]


@given(NASTY, NASTY)
def test_a_value_changes_nothing_of_a_query_but_itself(value: str, other: str) -> None:
    check_query(value, other)


@pytest.mark.slow
@settings(max_examples=5000, deadline=None, suppress_health_check=list(HealthCheck))
@given(NASTY, NASTY)
def test_five_thousand_values_change_nothing_of_a_query_but_themselves(a: str, b: str) -> None:
    check_query(a, b)


NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)?")
BUILDERS = (
    soql.identifier,
    lambda name: soql.select([name], "Task"),
    lambda name: soql.select(["Id"], name),
    lambda name: soql.one_of(name, ["'a'"]),
)


@given(st.text().filter(lambda one: not NAME.fullmatch(one)))
def test_only_names_stand_where_names_belong(name: str) -> None:
    for build in BUILDERS:
        with pytest.raises(ValueError) as told:  # noqa: PT011 - the name is all that it says
            build(name)
        assert told.value.args == (name,)


# --- HTML ---------------------------------------------------------------------------------------

TAGS = ["script", "img", "svg", "iframe", "object", "embed", "a", "body", "math", "style", "form"]
HANDLERS = ["onerror=alert(1)", "onload=alert`1`", "href=javascript:alert(1)", "src=//evil.example"]
SHAPES = ["<{t} {h}>x</{t}>", "<{t}/{h}/>"]
WRITTEN: list[str] = [shape.format(t=t, h=h) for shape, t, h in product(SHAPES, TAGS, HANDLERS)]
WRITTEN += [
    '"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", "</p><script>1</script>",
    "<<script>script>", "<scr\x00ipt>", "<script\n>alert(1)</script\n>", "&lt;script&gt;",
    "&#60;script&#62;", "<!--><script>alert(1)</script>-->", "<![CDATA[<script>1</script>]]>",
    "{{7*7}}", "{% include '/etc/passwd' %}", "${7*7}", "<%= 7*7 %>", "\u2028<script>1</script>",
    "＜script＞", "<ſcript>", "</textarea><script>", "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>", "<link rel=import href=//evil>",
]  # fmt: skip


class Reader(HTMLParser):
    """What a browser would make of it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_there_are_enough_of_them() -> None:
    assert len(set(WRITTEN)) >= 80


@pytest.mark.parametrize("hostile", WRITTEN)
def test_what_people_write_is_text_and_nothing_else(hostile: str) -> None:
    task = read(to_html(f"a\n{hostile}\nb"))
    assert (set(task.tags), task.attributes) == ({"br"}, [])
    page = read(html_of(hostile))
    assert (set(page.tags), page.attributes) == ({"p"}, [])
    assert squeezed(page.text) == squeezed(hostile)
    assert to_plain(to_html(hostile)) == hostile


OVERVIEW = Overview(
    manager="lead@acme.example", week="2026-W25", connection="salesforce", key="cl1k",
    subject="今週の1on1", text="x", due=date(2026, 6, 15),
    publish_at=datetime(2026, 6, 12, tzinfo=UTC),
)  # fmt: skip


@pytest.mark.parametrize("hostile", WRITTEN)
def test_a_letter_holds_no_more_than_paragraphs_and_links(hostile: str) -> None:
    letter = letter_of(replace(OVERVIEW, subject=hostile, text=f"x\n {hostile}"), words("ja"))
    found = read(letter.html)
    assert set(found.tags) <= {"html", "head", "meta", "title", "body", "p", "a"}
    for name, value in found.attributes:
        assert (name, value) in {("lang", "ja"), ("charset", "utf-8")} or (
            name == "href" and str(value).startswith(("http://", "https://"))
        )


@pytest.mark.parametrize("hostile", WRITTEN)
def test_templates_escape_whatever_they_are_given(hostile: str) -> None:
    pages = Environment(loader=PackageLoader("crm_loop.console"), autoescape=True)
    template = pages.from_string('<p title="{{ x }}">{{ x }}</p>')
    found = read(template.render(x=hostile))
    assert found.tags == ["p"]
    assert [name for name, _ in found.attributes] == ["title"]


def test_no_template_switches_escaping_off() -> None:
    loader = PackageLoader("crm_loop.console")
    pages = Environment(loader=loader, autoescape=True)
    for name in loader.list_templates():
        source = loader.get_source(pages, name)[0]
        assert not re.search(r"\|\s*safe|autoescape\s+false|Markup", source), name
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", source), name


# --- CSV ----------------------------------------------------------------------------------------

FORMULAS = [
    "=1+1", "=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1",
    "－1", "＠SUM(A1)", '=HYPERLINK("http://evil.example")', "-2+3+cmd|' /C calc'!A0", "@x",
    "+cmd", '=DDE("a")', '=IMPORTXML("http://evil.example")', "\t@x", '＝HYPERLINK("x")',
    '=1,"x"', "=1\n+1",
]  # fmt: skip
STARTS = tuple("=+-@\t\r\n＝＋－＠")


def member(name: str) -> Member:
    return Member(
        person="a@acme.example", name=name, family_name="x", role=Role.AE, manager=None,
        language="ja", country="JP", time_zone="Asia/Tokyo", accounts={}, team=None, fte=1.0,
        role_start=None, leave=(), pilot=True, active=True,
    )  # fmt: skip


def target(reason: str) -> Target:
    day = date(2026, 6, 1)
    return Target(
        person="a@acme.example", kpi="bookings", period_start=day, period_end=day, value=1.0,
        set_by="company", source="csv", reason=reason,
    )  # fmt: skip


def cells(text: str) -> list[str]:
    return [cell for row in list(csv.reader(io.StringIO(text, newline="")))[1:] for cell in row]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_list_is_run_by_a_spreadsheet(formula: str) -> None:
    assert len(FORMULAS) >= 20
    people = people_csv.render([member(formula)])
    targets = targets_csv.write([target(formula)])
    for text in (people, targets):
        assert not [one for one in cells(text) if one.startswith(STARTS)]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_list_that_was_written_reads_the_same(formula: str) -> None:
    (found,) = targets_csv.parse(
        targets_csv.write([target(formula)]), targets_csv.House(kpis=["bookings"])
    )
    assert found.reason == unicodedata.normalize("NFKC", " ".join(formula.split()))
    (row,) = people_csv.parse(people_csv.render([member(formula)]))
    assert row["name"] == " ".join(formula.split())
