"""What we tell people of HubSpot: its words, and how one signs in."""

from crm_loop.connector.profile import Entry, Nouns, Profile, Way
from crm_loop_hubspot.consent import CONSENT
from crm_loop_hubspot.drawings import APP_TOKEN, OAUTH_APP, SERVICE_KEY

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
                "ja": "「開発」→「キー」→「サービスキー」で作ったキーか、静的認証のアプリの"
                "「認証」にあるアクセストークンを貼り付けます。",
                "en": "The key from Development, Keys, Service keys; or the access token on the "
                "tab Auth of an app with static authentication.",
            },
            drawings=(SERVICE_KEY, APP_TOKEN),
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
        Way(
            name="oauth",
            title={
                "ja": "OAuthアプリでのサインイン",
                "en": "Sign in by an OAuth app",
            },
            how={
                "ja": "ご自分のOAuthアプリを使うときだけです。トークンは、HubSpotの画面で許可すると"
                "受け取れます。お持ちのトークンを貼り付けることもできます。",
                "en": "Only where you use an OAuth app of your own. Its token comes when you agree "
                "in HubSpot; one that you have can be pasted as well.",
            },
            drawings=(OAUTH_APP,),
            consent=CONSENT,
            entries=(
                Entry(name="client_id", label={"ja": "クライアントID", "en": "Client id"}),
                Entry(
                    name="client_secret",
                    label={"ja": "クライアントシークレット", "en": "Client secret"},
                    secret=True,
                ),
                Entry(
                    name="refresh_token",
                    label={"ja": "リフレッシュトークン", "en": "Refresh token"},
                    secret=True,
                ),
            ),
        ),
    ),
    nouns={
        "ja": Nouns(deal="取引", task="タスク", stage="ステージ"),
        "en": Nouns(deal="deal", deals="deals", task="task"),
    },
)
