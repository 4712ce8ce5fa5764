"""The screens of Salesforce on the way to what signs us in; names of menus as of Summer '26."""

from collections.abc import Sequence

from crm_loop.connector.drawing import Drawing, Kind, Part, Texts, same

CALLBACK = "https://login.salesforce.com/services/oauth2/success"
_MANAGER = {
    "ja": "設定 ＞ 外部クライアントアプリケーションマネージャー",
    "en": "Setup > External Client App Manager",
}
_IN_APP = {"ja": f"{_MANAGER['ja']} ＞ crm_loop", "en": f"{_MANAGER['en']} > crm_loop"}
_SAVE = {"ja": "保存", "en": "Save"}
_KEY = {"ja": "コンシューマー鍵", "en": "Consumer Key"}

NEW_APP = Drawing(
    name="new-app",
    title={"ja": "アプリを新しく作る", "en": "Begin a new app"},
    place=_MANAGER,
    parts=(
        Part(
            kind=Kind.MENU,
            label={
                "ja": "外部クライアントアプリケーションマネージャー",
                "en": "External Client App Manager",
            },
            do={
                "ja": "［設定］の［クイック検索］に「外部クライアント」と入れて選びます。",
                "en": "In Setup, type “External Client” into Quick Find and choose it.",
            },
        ),
        Part(
            kind=Kind.BUTTON,
            label={
                "ja": "新規外部クライアントアプリケーション",
                "en": "New External Client App",
            },
            do={"ja": "押します。", "en": "Press it."},
        ),
        Part(
            kind=Kind.FIELD,
            label={
                "ja": "外部クライアントアプリケーション名",
                "en": "External Client App Name",
            },
            value=same("crm_loop"),
            do={"ja": "crm_loop と入れます。", "en": "Type crm_loop."},
        ),
        Part(
            kind=Kind.FIELD,
            label={"ja": "取引先責任者メール", "en": "Contact Email"},
            value=same("you@acme.com"),
            do={"ja": "ご自分のメールアドレスを入れます。", "en": "Your own address."},
        ),
    ),
)


def _oauth(name: str, flow: Sequence[Part]) -> Drawing:
    """The screen with the settings of OAuth, which differ in how the app may sign in."""
    return Drawing(
        name=name,
        title={"ja": "APIの設定をする", "en": "Set up its access"},
        place=_MANAGER,
        parts=(
            Part(
                kind=Kind.TICK,
                label={"ja": "OAuthを有効化", "en": "Enable OAuth"},
                do={
                    "ja": "［API（OAuth設定を有効化）］を開き、チェックします。",
                    "en": "Open API (Enable OAuth Settings) and tick it.",
                },
            ),
            Part(
                kind=Kind.FIELD,
                label={"ja": "コールバックURL", "en": "Callback URL"},
                value=same(CALLBACK),
                do={
                    "ja": f"{CALLBACK} を貼り付けます。",
                    "en": f"Paste {CALLBACK}",
                },
            ),
            Part(
                kind=Kind.CHOICE,
                label={"ja": "OAuth範囲", "en": "OAuth Scopes"},
                value={
                    "ja": "APIを使用してユーザーデータを管理（api）／"
                    "いつでも要求を実行（refresh_token, offline_access）",
                    "en": "Manage user data via APIs (api); Perform requests at any time "
                    "(refresh_token, offline_access)",
                },
                do={
                    "ja": "この2つだけを右へ移します。",
                    "en": "Move these two to the right and no others.",
                },
            ),
            *flow,
        ),
    )


JWT_SETTINGS = _oauth(
    "jwt-settings",
    (
        Part(
            kind=Kind.TICK,
            label={"ja": "JWTベアラーフローを有効化", "en": "Enable JWT Bearer Flow"},
            value={
                "ja": "ファイルをアップロード： crm_loop.crt",
                "en": "Upload Files: crm_loop.crt",
            },
            do={
                "ja": "チェックし、crm_loop.crt（証明書）をアップロードします。"
                "crm_loop.key は決してアップロードしません。",
                "en": "Tick it and upload crm_loop.crt, the certificate; never crm_loop.key.",
            },
        ),
        Part(
            kind=Kind.BUTTON,
            label={"ja": "作成", "en": "Create"},
            do={"ja": "押します。", "en": "Press it."},
        ),
    ),
)

CLIENT_SETTINGS = _oauth(
    "client-settings",
    (
        Part(
            kind=Kind.TICK,
            label={
                "ja": "クライアント資格情報フローを有効化",
                "en": "Enable Client Credentials Flow",
            },
            do={"ja": "チェックします。", "en": "Tick it."},
        ),
        Part(
            kind=Kind.BUTTON,
            label={"ja": "作成", "en": "Create"},
            do={"ja": "押します。", "en": "Press it."},
        ),
    ),
)

JWT_POLICIES = Drawing(
    name="jwt-policies",
    title={"ja": "使えるユーザーを決める", "en": "Say who may use it"},
    place=_IN_APP,
    parts=(
        Part(
            kind=Kind.TAB,
            label={"ja": "ポリシー", "en": "Policies"},
            do={"ja": "［ポリシー］＞［編集］を選びます。", "en": "Choose Policies > Edit."},
        ),
        Part(
            kind=Kind.CHOICE,
            label={"ja": "許可されているユーザー", "en": "Permitted Users"},
            value={
                "ja": "管理者が承認したユーザーは事前承認済み",
                "en": "Admin approved users are pre-authorized",
            },
            do={"ja": "この値を選びます。", "en": "Choose this."},
        ),
        Part(
            kind=Kind.CHOICE,
            label={"ja": "権限セット", "en": "Permission Sets"},
            value=same("1on1 Notes Integration"),
            do={
                "ja": "連携用ユーザーの権限セットを選びます"
                "（項目だけを入れたときは 1on1 Notes Activity）。",
                "en": "The permission set of the integration user (1on1 Notes Activity where only "
                "the fields are installed).",
            },
        ),
        Part(
            kind=Kind.BUTTON,
            label=_SAVE,
            do={
                "ja": "押します。使えるようになるまで10分ほどかかることがあります。",
                "en": "Press it. It can take ten minutes until it works.",
            },
        ),
    ),
)

CLIENT_POLICIES = Drawing(
    name="client-policies",
    title={"ja": "実行ユーザーを決める", "en": "Say whom it acts for"},
    place=_IN_APP,
    parts=(
        Part(
            kind=Kind.TAB,
            label={"ja": "ポリシー", "en": "Policies"},
            do={"ja": "［ポリシー］＞［編集］を選びます。", "en": "Choose Policies > Edit."},
        ),
        Part(
            kind=Kind.TICK,
            label={
                "ja": "クライアント資格情報フローを有効化",
                "en": "Enable Client Credentials Flow",
            },
            do={"ja": "チェックします。", "en": "Tick it."},
        ),
        Part(
            kind=Kind.FIELD,
            label={"ja": "実行ユーザー（ユーザー名）", "en": "Run As (Username)"},
            value=same("crm-loop@acme.com"),
            do={"ja": "連携用ユーザーを入れます。", "en": "The integration user."},
        ),
        Part(
            kind=Kind.BUTTON,
            label=_SAVE,
            do={"ja": "押します。", "en": "Press it."},
        ),
    ),
)


def _consumer(name: str, more: Sequence[Part]) -> Drawing:
    """The screen that shows the app's key, and its secret where one is used."""
    return Drawing(
        name=name,
        title={"ja": "値をコピーして、この下に貼り付ける", "en": "Copy what is asked for below"},
        place=_IN_APP,
        parts=(
            Part(
                kind=Kind.TAB,
                label={"ja": "設定", "en": "Settings"},
                do={
                    "ja": "［設定］タブの［OAuth設定］を開きます。",
                    "en": "Open OAuth Settings on the tab Settings.",
                },
            ),
            Part(
                kind=Kind.BUTTON,
                label={
                    "ja": "コンシューマー鍵とコンシューマーの秘密",
                    "en": "Consumer Key and Secret",
                },
                do={
                    "ja": "押すと、メールに届く確認コードを求められます。",
                    "en": "Press it; Salesforce asks for a code that it sends you by mail.",
                },
            ),
            Part(
                kind=Kind.FIELD,
                label=_KEY,
                value=same("3MVG9••••••••"),
                do=_pasted("コンシューマー鍵（クライアントID）", "Consumer key (client id)"),
            ),
            *more,
        ),
    )


def _pasted(japanese: str, english: str) -> Texts:
    return {
        "ja": f"コピーして、下の「{japanese}」に貼り付けます。",
        "en": f"Copy it and paste it into “{english}” below.",
    }


JWT_KEY = _consumer(
    "jwt-key",
    (
        Part(
            kind=Kind.TEXT,
            label={
                "ja": "コンシューマーの秘密は使いません。",
                "en": "The consumer secret is not used.",
            },
        ),
    ),
)

CLIENT_KEY = _consumer(
    "client-key",
    (
        Part(
            kind=Kind.FIELD,
            label={"ja": "コンシューマーの秘密", "en": "Consumer Secret"},
            value=same("••••••••"),
            do=_pasted("コンシューマーの秘密", "Consumer secret"),
        ),
    ),
)

JWT = (NEW_APP, JWT_SETTINGS, JWT_POLICIES, JWT_KEY)
CLIENT = (NEW_APP, CLIENT_SETTINGS, CLIENT_POLICIES, CLIENT_KEY)
