"""The key of the house: since when, from where, and a new one in its place."""

from collections import Counter

from starlette.responses import Response

from crm_loop.access import second_factor
from crm_loop.console.visit import Visit
from crm_loop.errors import CrmLoopError, NeedsAttention, WrongUsage
from crm_loop.store.key_providers import provider_of
from crm_loop.store.key_rotation import Step, rotate
from crm_loop.store.keyring import made_at


def show(visit: Visit) -> Response:
    return _page(visit)


def replace_it(visit: Visit) -> Response:
    """Replace the key while everything runs, as `crm-loop keys rotate` does."""
    app = visit.app
    try:
        _check(visit)
        provider = provider_of(app.settings)
        total: Counter[Step] = Counter()
        for one in rotate(app.engine, provider, now=app.clock()):
            total[one.step] += one.count
    except CrmLoopError as error:
        return _page(visit, status=422, wrong=visit.sentence(error))
    with visit.change() as state:
        visit.note(state, "keys.rotated", "house")
    return _page(visit, done=total[Step.REWRAPPED], left=bool(total[Step.KEY_LEFT]))


def _check(visit: Visit) -> None:
    """WrongUsage without a second factor, NeedsAttention where others live in the same house."""
    user = visit.user
    if len(visit.app.organisations()) > 1:
        raise NeedsAttention(
            "This key seals for several organisations.",
            code="keys.shared",
            kept="Nothing was changed.",
            do="Replace it at the machine: crm-loop keys rotate",
        )
    passed = user.totp is not None and second_factor.passes(
        visit.app.engine, visit.app.seal, user, visit.form.get("code"), now=visit.app.clock()
    )
    if not passed:
        raise WrongUsage(
            "The code is not the one of this moment.",
            code="factor.code",
            kept="Nothing was changed.",
            do="Type the six digits that the app shows now.",
        )


def _page(visit: Visit, *, status: int = 200, **facts: object) -> Response:
    shown = {"wrong": None, "done": None, "left": False, **facts}
    return visit.page(
        "house_key.html",
        status=status,
        provider=visit.app.settings.key_provider,
        since=made_at(visit.app.engine, visit.organisation),
        **shown,
    )
