"""`@hubspot/api-client` from npm, unmodified."""

import json
import time
from collections.abc import Callable
from typing import Any

from crm_loop_sandbox.hubspot.webhooks import signing

Run = Callable[..., Any]


def test_it_lists_with_history_and_associations(node: Run) -> None:
    found = node("list")
    assert found["count"] == 20
    assert {"amount", "dealname", "dealstage", "hs_object_id"} <= set(found["names"])
    assert set(found["versions"]) == {"string"}
    assert found["associated"] > 0
    assert found["created"] is True


def test_it_pages_through_everything(node: Run) -> None:
    found = node("page")
    assert len(found["paged"]) > 20
    assert found["paged"] == found["all"] == sorted(found["all"], key=int)


def test_it_searches_by_offset(node: Run) -> None:
    found = node("search")
    assert found["total"] > 6
    assert (len(found["ids"]), found["after"]) == (3, "6")


def test_its_retries_understand_the_search_limit(limited_node: Run) -> None:
    assert limited_node("manySearches") == {"answered": 12}


def test_it_batches(node: Run) -> None:
    assert node("batch") == {
        "subjects": ["a", "b"],
        "statuses": ["COMPLETED", "COMPLETED"],
        "isNew": [True, False],
        "goneStatus": "COMPLETE",
        "errors": 1,
    }


def test_one_bad_row_is_blamed_by_its_trace_id(node: Run) -> None:
    assert node("traces") == {"made": 1, "blamed": ["t-2"]}


def test_it_associates(node: Run) -> None:
    assert node("associate") == {"types": [216], "back": True, "word": "task_to_deal", "left": 0}


def test_it_reads_owners_pipelines_properties_and_tokens(node: Run, open_sandbox: Any) -> None:
    found = node("account")
    assert found["portal"] == open_sandbox.access["portal_id"]
    assert (found["won"], found["archived"]) == (1, True)
    assert found["owners"] > 0
    assert found["names"] > 20


def test_it_reaches_dated_paths(node: Run) -> None:
    assert node("dated") == {"status": 200, "count": 2}


def test_its_helper_accepts_the_signature_of_webhooks(node: Run, open_sandbox: Any) -> None:
    url, body = "http://127.0.0.1:8720/hooks", "[]"
    ms = int(time.time() * 1000)
    made = signing.signature(open_sandbox.access["app_secret"], url, body.encode(), ms=ms)
    signed = json.dumps([body, ms, made, url])
    assert node("signature", HUBSPOT_SIGNED=signed) == {"valid": True}


def test_its_errors_have_code_and_category(node: Run) -> None:
    assert node("errors") == {
        "missing": [404, "OBJECT_NOT_FOUND"],
        "bad": [400, "VALIDATION_ERROR"],
    }
