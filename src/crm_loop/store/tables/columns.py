"""Column types that mean the same on SQLite and PostgreSQL, and the shared metadata."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, MetaData, String, Text
from sqlalchemy.types import TypeDecorator

#: Named constraints, so that migrations can find them on both databases.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: Amounts are whole ten-thousandths: exact on both databases and fast in frames.
MONEY_SCALE = 10_000


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment; SQLite forgets the zone, so it is taken off and put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        # SQLite has texts: from them in one step, instead of by way of a moment without a zone.
        return _utc if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else value.astimezone(UTC)


def _utc(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


class Money(TypeDecorator[Decimal]):
    """An amount with four decimals, kept as an integer."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else round(value * MONEY_SCALE)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else Decimal(value) / MONEY_SCALE


class Exact(TypeDecorator[Decimal]):
    """A number with all its digits, kept as text: an exchange rate must not be rounded."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else Decimal(value)


class Names(TypeDecorator[tuple[str, ...]]):
    """A few ids, kept as a JSON list; an empty tuple is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return json.dumps(value) if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:  # noqa: ARG002 - SQLAlchemy's signature
        return tuple(json.loads(value)) if value else ()


class Named(TypeDecorator[Mapping[str, str | None]]):
    """Texts by name, kept as a JSON object; an empty mapping is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self,
        value: Mapping[str, str | None] | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> str | None:
        return json.dumps(dict(value), ensure_ascii=False, sort_keys=True) if value else None

    def process_result_value(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> Mapping[str, str | None]:
        return json.loads(value) if value else {}


def organisation() -> Column[Any]:
    return Column("organisation", String(64), primary_key=True)


def connection() -> Column[Any]:
    """The name of one CRM account of the organisation."""
    return Column("connection", String(64), primary_key=True)


def sealed_for(*row: str) -> dict[str, tuple[str, ...]]:
    """What a column says of itself whose texts are sealed: which row they are bound to.

    Each part names a column of the same table, or with `=` before it stands for itself.
    """
    return {"sealed": row}
