"""What we tell people of Salesforce: its words, and how one signs in."""

from datetime import datetime

from crm_loop.connector.profile import Entry, KeyMaker, Nouns, Pair, Profile, Way
from crm_loop_salesforce.drawings import CLIENT, JWT


def _pair(now: datetime) -> Pair:
    from crm_loop_salesforce.package.keys import new_pair  # noqa: PLC0415 - slow; help needs none

    private, certificate = new_pair(now)
    return Pair(secret=private.decode(), certificate=certificate.decode())


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
                "ja": "この画面で鍵を作り、証明書（crm_loop.crt）だけをSalesforceに渡します。"
                "端末なら：crm-loop salesforce keygen --output keys",
                "en": "Make the key on this page and give Salesforce the certificate "
                "(crm_loop.crt) alone. At a terminal: crm-loop salesforce keygen --output keys",
            },
            drawings=JWT,
            keys=KeyMaker(fills="private_key", file="crm_loop.crt", make=_pair),
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
