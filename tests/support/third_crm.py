"""A connector of somebody else's, as far as people are told of its CRM."""

from crm_loop.connector.profile import Entry, Nouns, Profile, Way

PROFILE = Profile(
    name="Third",
    address="https://third.example",
    address_hint={"ja": "アドレスです。", "en": "The address."},
    ways=(
        Way(
            name="key",
            title={"ja": "鍵", "en": "Key"},
            how={"ja": "管理画面で作ります。", "en": "Made on the admin page."},
            entries=(Entry(name="api_key", label={"ja": "鍵", "en": "Key"}, secret=True),),
        ),
    ),
    nouns={
        "ja": Nouns(deal="案件", task="やること"),
        "en": Nouns(deal="lead", deals="leads", task="to-do"),
    },
)
