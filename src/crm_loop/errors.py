"""What can go wrong, named after what to do next.

A connector raises only these three. Every message a person may read has three parts: what
happened, what was kept, what to do.
"""


class CrmLoopError(Exception):
    """Base of every error raised on purpose.

    `code` is stable and machine-readable (`connection.token_refused`); the other three are one
    sentence each, in English; `wording` translates by code where a translation exists.
    """

    def __init__(self, happened: str, *, code: str, kept: str = "", do: str = "") -> None:
        super().__init__(happened)
        self.happened = happened
        self.code = code
        self.kept = kept
        self.do = do

    def __str__(self) -> str:
        return " ".join(part for part in (self.happened, self.kept, self.do) if part)


class Transient(CrmLoopError):
    """Nothing is wrong with us: try again later, after `retry_after` seconds where known."""

    def __init__(
        self,
        happened: str,
        *,
        code: str = "crm.transient",
        kept: str = "Nothing was lost.",
        do: str = "It will be tried again by itself.",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(happened, code=code, kept=kept, do=do)
        self.retry_after = retry_after


class NeedsAttention(CrmLoopError):
    """Trying again is useless until a person acts: reconnect, grant a permission, fix a setting."""

    def __init__(
        self, happened: str, *, code: str, do: str, kept: str = "Nothing was lost."
    ) -> None:
        super().__init__(happened, code=code, kept=kept, do=do)


class WrongUsage(NeedsAttention):
    """A command or a setting is wrong; the person at the keyboard can mend it at once."""


class Refused(CrmLoopError):
    """The CRM will never take this record as it is: set it aside and go on."""

    def __init__(
        self,
        happened: str,
        *,
        code: str = "crm.refused",
        kept: str = "The record is kept here.",
        do: str = "Check the CRM's rule, then try again.",
    ) -> None:
        super().__init__(happened, code=code, kept=kept, do=do)
