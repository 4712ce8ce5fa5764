"""What we tell people of HubSpot: its words, and how one signs in."""

from crm_loop.connector.profile import Entry, Nouns, Profile, Way

PROFILE = Profile(
    name="HubSpot",
    commands="install, check, uninstall, card, webhooks",
    address="https://api.hubapi.com",
    address_hint={
        "ja": "通常はこのままで大丈夫です。",
        "en": "Usually right as it is.",
    },
    ways=(
        Way(
            name="token",
            title={
                "ja": "アクセストークンでのサインイン",
                "en": "Sign in by access token",
            },
            how={
                "ja": "HubSpotの「設定」→「連携」→「非公開アプリ」で作ったトークンを貼り付けます。",
                "en": "The token from HubSpot Settings, Integrations, Private Apps.",
            },
            entries=(
                Entry(
                    name="access_token",
                    label={
                        "ja": "アクセストークン",
                        "en": "Access token",
                    },
                    secret=True,
                ),
            ),
        ),
    ),
    nouns={
        "ja": Nouns(deal="取引", task="タスク"),
        "en": Nouns(deal="deal", deals="deals", task="task"),
    },
)
