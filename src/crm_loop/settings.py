"""Settings, read once from the environment (see .env.example)."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from crm_loop.errors import WrongUsage


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


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
    redis_url: str | None = None
    env: Environment = Environment.DEVELOPMENT
    secret_key_file: Path = Path("var/crm_loop.key")
    console_bind: str = "127.0.0.1:8710"
    metrics_bind: str = "127.0.0.1:8720"
    public_url: str | None = None
    lang: str = Field(default="en", pattern="^(ja|en)$")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    allow_loopback_crm: bool = False
    smtp_url: str | None = None
    broker_folder: Path = Path("var/broker")
    clock_file: Path | None = None
    lease_seconds: float = Field(default=60.0, gt=0)
    worker_threads: int = Field(default=4, ge=1, le=64)

    @model_validator(mode="after")
    def _production_is_serious(self) -> "Settings":
        if self.env is Environment.PRODUCTION:
            if self.allow_loopback_crm:
                message = "CRM_LOOP_ALLOW_LOOPBACK_CRM is for the sandbox only"
                raise ValueError(message)
            if self.clock_file is not None:
                message = "CRM_LOOP_CLOCK_FILE is for demonstrations only"
                raise ValueError(message)
        return self


def load_settings() -> Settings:
    """Read the environment; WrongUsage names the first wrong setting in one sentence."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        where = f"CRM_LOOP_{name}: " if name else ""
        raise WrongUsage(
            f"A setting is wrong: {where}{first['msg'].removeprefix('Value error, ')}.",
            code="settings.wrong",
            kept="Nothing was started.",
            do="Correct it; .env.example explains each setting.",
        ) from None
