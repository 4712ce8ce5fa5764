"""The screens of HubSpot on the way to what signs us in; names of menus as of platform 2026.09."""

from crm_loop.connector.drawing import Drawing, Kind, Part, same

#: What a service key needs at the least; docs/install-hubspot.md has all of them.
SCOPES = "crm.objects.contacts.read, crm.objects.contacts.write, crm.objects.deals.read, …"

SERVICE_KEY = Drawing(
    name="service-key",
    title={"ja": "サービスキーを作る", "en": "Make a service key"},
    place={
        "ja": "開発 ＞ キー ＞ サービスキー",
        "en": "Development > Keys > Service keys",
    },
    parts=(
        Part(
            kind=Kind.BUTTON,
            label={"ja": "サービスキーを作成", "en": "Create service key"},
            do={
                "ja": "スーパー管理者でサインインし、［開発］＞［キー］＞［サービスキー］を"
                "開いて押します。",
                "en": "Signed in as a super admin, open Development > Keys > Service keys and "
                "press it.",
            },
        ),
        Part(
            kind=Kind.FIELD,
            label={"ja": "名前", "en": "Name"},
            value=same("crm_loop"),
            do={
                "ja": "あとで見分けられる名前にします。",
                "en": "Any name that you will know it by.",
            },
        ),
        Part(
            kind=Kind.TICK,
            label={"ja": "スコープ", "en": "Scopes"},
            value=same(SCOPES),
            do={
                "ja": "導入の手引きの表にあるスコープだけを選び、作成します。",
                "en": "Tick the scopes of the table in the installation guide and no others; "
                "then create it.",
            },
        ),
        Part(
            kind=Kind.FIELD,
            label={"ja": "サービスキー", "en": "Service key"},
            value=same("pat-na1-••••••••"),
            do={
                "ja": "キーをコピーして、下の「アクセストークン」に貼り付けます。",
                "en": "Copy the key and paste it into “Access token” below.",
            },
        ),
    ),
)

APP_TOKEN = Drawing(
    name="app-token",
    title={
        "ja": "カードも入れたときは、アプリのトークンを使う",
        "en": "With the card installed: the token of the app",
    },
    place={
        "ja": "開発 ＞ プロジェクト ＞ crm-loop ＞ 1on1 Notes",
        "en": "Development > Projects > crm-loop > 1on1 Notes",
    },
    parts=(
        Part(
            kind=Kind.TAB,
            label={"ja": "認証", "en": "Auth"},
            do={
                "ja": "アプリ「1on1 Notes」を開き、［認証］を選びます。",
                "en": "Open the app 1on1 Notes and choose Auth.",
            },
        ),
        Part(
            kind=Kind.TEXT,
            label={"ja": "認証の種類：静的（static）", "en": "Type of authentication: static"},
        ),
        Part(
            kind=Kind.FIELD,
            label={"ja": "アクセストークン", "en": "Access token"},
            value=same("pat-na1-••••••••"),
            do={
                "ja": "コピーして、下の「アクセストークン」に貼り付けます。"
                "サービスキーは要りません。",
                "en": "Copy it and paste it into “Access token” below; no service key is needed.",
            },
        ),
    ),
)

OAUTH_APP = Drawing(
    name="oauth-app",
    title={"ja": "ご自分のOAuthアプリの値を写す", "en": "Copy the values of your OAuth app"},
    place={
        "ja": "開発 ＞ プロジェクト ＞ ご自分のプロジェクト ＞ アプリ",
        "en": "Development > Projects > your project > your app",
    },
    parts=(
        Part(
            kind=Kind.TAB,
            label={"ja": "認証", "en": "Auth"},
            do={"ja": "アプリを開き、［認証］を選びます。", "en": "Open the app and choose Auth."},
        ),
        Part(
            kind=Kind.FIELD,
            label={"ja": "クライアントID", "en": "Client ID"},
            value=same("0a1b2c3d-…"),
            do={
                "ja": "下の「クライアントID」に貼り付けます。",
                "en": "Paste it into “Client id” below.",
            },
        ),
        Part(
            kind=Kind.FIELD,
            label={"ja": "クライアントシークレット", "en": "Client secret"},
            value=same("••••••••"),
            do={
                "ja": "表示してコピーし、下の「クライアントシークレット」に貼り付けます。",
                "en": "Show and copy it, and paste it into “Client secret” below.",
            },
        ),
        Part(
            kind=Kind.TEXT,
            label={
                "ja": "リフレッシュトークンはこの画面にはありません。"
                "HubSpotで許可すると自動で受け取ります。",
                "en": "The refresh token is not on this screen: it comes by itself when you agree "
                "in HubSpot.",
            },
        ),
    ),
)
