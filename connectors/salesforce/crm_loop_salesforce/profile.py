"""What we tell people of Salesforce: its words, and how one signs in."""

from crm_loop.connector.profile import Entry, Nouns, Profile, Way
from crm_loop_salesforce.drawings import CLIENT, JWT

PROFILE = Profile(
    name="Salesforce",
    commands="install, check, uninstall, keygen",
    address="https://",
    address_hint={
        "ja": "私のドメインのアドレスです。例：https://acme.my.salesforce.com",
        "en": "The address of your My Domain, for example https://acme.my.salesforce.com",
    },
    ways=(
        Way(
            name="jwt",
            title={
                "ja": "JWTでのサインイン（おすすめ）",
                "en": "Sign in by JWT (recommended)",
            },
            how={
                "ja": "先に鍵と証明書を作ります：crm-loop salesforce keygen --output keys。"
                "秘密鍵の欄には crm_loop.key の全文（PEM）を貼り付けます。",
                "en": "First make key and certificate: crm-loop salesforce keygen --output keys. "
                "The private key is the whole text of crm_loop.key (PEM).",
            },
            drawings=JWT,
            entries=(
                Entry(
                    name="client_id",
                    label={
                        "ja": "コンシューマー鍵（クライアントID）",
                        "en": "Consumer key (client id)",
                    },
                ),
                Entry(
                    name="username",
                    label={
                        "ja": "連携用ユーザーのユーザー名",
                        "en": "Username of the integration user",
                    },
                ),
                Entry(
                    name="private_key",
                    label={
                        "ja": "秘密鍵",
                        "en": "Private key",
                    },
                    secret=True,
                    long=True,
                ),
            ),
        ),
        Way(
            name="client",
            title={
                "ja": "クライアント資格情報でのサインイン",
                "en": "Sign in by client credentials",
            },
            how={
                "ja": "JWTを使わないときだけ入れます。",
                "en": "Only where JWT is not used.",
            },
            drawings=CLIENT,
            entries=(
                Entry(
                    name="client_id",
                    label={
                        "ja": "コンシューマー鍵（クライアントID）",
                        "en": "Consumer key (client id)",
                    },
                ),
                Entry(
                    name="client_secret",
                    label={
                        "ja": "コンシューマーの秘密",
                        "en": "Consumer secret",
                    },
                    secret=True,
                ),
            ),
        ),
    ),
    nouns={
        "ja": Nouns(deal="商談", task="ToDo"),
        "en": Nouns(deal="opportunity", deals="opportunities", task="task"),
    },
)
