"""Placeholder until its builder is done."""

from sqlalchemy import Connection


class Connections:
    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation
