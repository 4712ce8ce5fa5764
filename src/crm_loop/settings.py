"""Settings, read once from the environment (see .env.example)."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, StringConstraints, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from crm_loop.errors import WrongUsage


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


#: The value of `redis_url` that switches the broker off.
NO_BROKER = "none"

_HOST = r"(\[[0-9a-fA-F:]+\]|[^@\[\]/:\s]+)"
BrokerUrl = Annotated[
    str,
    StringConstraints(
        pattern=rf"^({NO_BROKER}|rediss?://([^@/\s]*@)?{_HOST}(:\d{{1,5}})?(/\S*)?|unix://\S+)$"
    ),
]
WebUrl = Annotated[str, StringConstraints(pattern=rf"^https?://{_HOST}(:\d{{1,5}})?(/\S*)?$")]
MailUrl = Annotated[str, StringConstraints(pattern=rf"^smtps?://(\S*@)?{_HOST}(:\d{{1,5}})?/?$")]
HostAndPort = Annotated[str, StringConstraints(pattern=rf"^{_HOST}:\d{{1,5}}$")]

#: How a value should look where the validator's own words would show a pattern.
FORMS = {
    "redis_url": "write redis://HOST:PORT/0, rediss://…, unix://PATH or none",
    "console_bind": "write HOST:PORT",
    "metrics_bind": "write HOST:PORT",
    "public_url": "write https://HOST",
    "oidc_issuer": "write https://HOST",
    "proxies": "write addresses or networks, as 127.0.0.1,172.16.0.0/12",
    "smtp_url": "write smtp://HOST:PORT or smtps://HOST:PORT",
    "traces_url": "write http://HOST:4318/v1/traces",
    "lang": "write ja or en",
    "key_provider": "write file, environment, command or the name of an installed one",
    "key_command": "write an absolute path, with arguments behind it",
    "log_level": "write DEBUG, INFO, WARNING or ERROR",
}


class Settings(BaseSettings):
    """Every setting with its default; `load_settings` reads the real ones."""

    model_config = SettingsConfigDict(
        env_prefix="CRM_LOOP_",
        env_file=".env",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
    )

    database_url: str = "sqlite:///var/crm_loop.db"
    redis_url: BrokerUrl | None = None
    env: Environment = Environment.DEVELOPMENT
    key_provider: str = Field(default="file", pattern=r"^[\w-]+$")
    secret_key_file: Path = Path("var/crm_loop.key")
    secret_key: SecretStr | None = None
    erasures_file: Path | None = None
    key_command: str = Field(default="", pattern=r"^(/.*)?$")
    console_bind: HostAndPort = "127.0.0.1:8710"
    metrics_bind: HostAndPort = "127.0.0.1:8720"
    public_url: WebUrl | None = None
    proxies: str = Field(default="127.0.0.1", pattern=r"^[0-9a-fA-F.:/, ]+$")
    lang: str = Field(default="en", pattern="^(ja|en)$")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    allow_loopback_crm: bool = False
    smtp_url: MailUrl | None = None
    letters_to_reps: bool = False
    oidc_issuer: WebUrl | None = None
    oidc_client_id: str = ""
    oidc_secret_file: Path | None = None
    rewriter: str = Field(default="", pattern=r"^[\w.-]*$")
    traces_url: WebUrl | None = None
    broker_folder: Path = Path("var/broker")
    clock_file: Path | None = None
    lease_seconds: float = Field(default=30.0, gt=0)
    worker_threads: int = Field(default=4, ge=1, le=64)

    @property
    def erasures(self) -> Path:
        """The list of who was erased, apart from the database: beside the key, or where it says."""
        key = self.secret_key_file
        return self.erasures_file or key.with_name(f"{key.name}.erased")

    @property
    def console_url(self) -> str:
        """Where people reach the console."""
        return (self.public_url or f"http://{self.console_bind}").rstrip("/")

    @model_validator(mode="after")
    def _production_is_serious(self) -> "Settings":
        if self.env is Environment.PRODUCTION:
            if self.allow_loopback_crm:
                message = "CRM_LOOP_ALLOW_LOOPBACK_CRM is for the sandbox only"
                raise ValueError(message)
            if self.oidc_issuer is not None and not self.oidc_issuer.startswith("https://"):
                message = "CRM_LOOP_OIDC_ISSUER needs https"
                raise ValueError(message)
            if self.clock_file is not None:
                message = "CRM_LOOP_CLOCK_FILE is for demonstrations only"
                raise ValueError(message)
        return self


PREFIX = "CRM_LOOP_"
#: Read by compose, by the build of an image or by tests; deploy/compose.env hands them on.
OF_OTHERS = frozenset(
    f"{PREFIX}{name}"
    for name in (
        "VERSION",
        "CONNECTORS",
        "EXTRAS",
        "KEY_FILE",
        "SHARED",
        "HISTORIES",
        "PARTS",
        "TEST_CLIENTS",
    )
)


def misspelt(names: Iterable[str]) -> list[str]:
    """Of the names of an environment those that look like a setting and are none, in order."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | OF_OTHERS
    return sorted(
        name for name in names if name.upper().startswith(PREFIX) and name.upper() not in known
    )


def load_settings() -> Settings:
    """Read the environment; WrongUsage names the first wrong setting in one sentence."""
    try:
        return Settings()
    except ValidationError as error:
        raise _wrong(_in_words(error.errors()[0])) from None
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(f"the file .env cannot be read ({type(error).__name__})") from None


def _in_words(error: Mapping[str, Any]) -> str:
    """The setting's name and how its value should look; never the value, which may be secret."""
    field = str(error["loc"][0]) if error["loc"] else ""
    words = FORMS.get(field, error["msg"].removeprefix("Value error, "))
    return f"CRM_LOOP_{field.upper()}: {words}" if field else words


def _wrong(what: str) -> WrongUsage:
    return WrongUsage(
        f"A setting is wrong: {what}.",
        code="settings.wrong",
        kept="Nothing was started.",
        do="Correct it; .env.example explains each setting.",
    )
