"""The HubSpot face of the sandbox: one account behind HubSpot's own paths.

What answers, in v3, v4 and the dated versions up to 2026-09 (2027-03-beta counts as one of them):

- objects of sixteen types: list, read, create, change, archive, search, batches, merges, erasure;
- associations v3, v4 and dated, with labels of the account's own;
- properties and groups, pipelines and stages with their audit, owners, schemas;
- users, teams, currencies, deal splits, account information, OAuth in every version;
- webhooks: subscriptions through the API, sent with signatures 1 and 3 to this machine only;
- the old APIs of `api/legacy`, for tools that still call them.

What exists at HubSpot and was not granted here (marketing, forms, lists, imports, exports) is
refused with its scope. Not there at all: custom objects, limits of associations, timelines, the
webhooks journal.

The modules of `api` know HTTP and no storage; `portal` holds the account and knows no HTTP; every
change passes `writing`, which checks, journals and tells the webhooks.
"""

from crm_loop_sandbox.hubspot.face import HubSpotFace
from crm_loop_sandbox.kernel import Face, Kernel


def make(kernel: Kernel) -> Face:
    return HubSpotFace(kernel)
