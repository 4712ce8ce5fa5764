"""Pages of a bulk job, streamed to disk, a few at once; each thread has a session of its own."""

import csv
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, TypeVar

import requests

from crm_loop.errors import Transient
from crm_loop_salesforce.errors import NotReached, SessionExpired, Unanswered, classify
from crm_loop_salesforce.transport import BASE, Api

if TYPE_CHECKING:
    import polars as pl

#: Pages are the only calls that may take long.
AT_ONCE = 2
CHUNK_BYTES = 256 * 1024
#: So much of a page is made into a table at once: a page is as large as Salesforce likes it.
PART_BYTES = 1024 * 1024
#: A cell may hold a long text of 131,072 signs, in four bytes each.
FIELD_LIMIT = 1 << 20
_NO_LOCATOR = "null"
TRIES = 3

csv.field_size_limit(max(FIELD_LIMIT, csv.field_size_limit()))

Params = Mapping[str, str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page, in a file that is gone once it is closed. `count` is Salesforce's own."""

    file: IO[bytes]
    count: int
    locator: str | None

    def rows(self, make: Callable[[Sequence[str]], Callable[[Sequence[str]], T]]) -> Iterator[T]:
        """What `make`, given the columns, makes of the cells of each row.

        Raises Transient when rows are missing.
        """
        self.file.seek(0)
        text = TextIOWrapper(self.file, encoding="utf-8", newline="")
        found, lines = 0, csv.reader(text)
        of_cells = make(next(lines, []))
        for cells in lines:
            found += 1
            yield of_cells(cells)
        text.close()
        if found != self.count:
            raise Transient(
                f"A page held {found} rows and promised {self.count}.", code="crm.short_page"
            )

    def frames(self, size: int = PART_BYTES) -> "Iterator[pl.DataFrame]":
        """All cells as texts, empty ones null, in parts of about `size` bytes of the page.

        Raises Unclear, perhaps only at the end, where reading row by row may tell more.
        """
        import polars as pl  # noqa: PLC0415 - only large readings need it

        found = 0
        for part in _parts(self.file, size):
            try:
                frame = pl.read_csv(part, infer_schema=False, null_values=[""])
            except pl.exceptions.PolarsError:
                raise Unclear from None
            found += frame.height
            yield frame
        if found != self.count:
            raise Unclear


class Unclear(Exception):
    """A page that cannot be read as a whole."""


def _parts(file: IO[bytes], size: int) -> Iterator[bytes]:
    """The lines of a page in pieces that begin with the names of its columns."""
    file.seek(0)
    names = file.readline()
    wanted, begun = size, file.tell()
    while piece := file.read(wanted):
        end = _end_of_row(piece) if len(piece) == wanted else len(piece)
        if not end:
            # One row that is longer than all of that.
            wanted *= 2
            file.seek(begun)
            continue
        wanted, begun = size, begun + end
        yield b"".join((names, memoryview(piece)[:end]))
        file.seek(begun)


def _end_of_row(piece: bytes) -> int:
    """Where the last whole row ends: a line may also end inside of a cell."""
    end, quotes = len(piece), piece.count(b'"')
    while (line := piece.rfind(b"\n", 0, end)) >= 0:
        quotes -= piece.count(b'"', line, end)
        if quotes % 2 == 0:
            return line + 1
        end = line
    return 0


class Downloads:
    """Fetches pages for one connector."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def one(self, path: str, params: Params | None = None) -> Page:
        for left in reversed(range(TRIES)):
            instance, token = self._api.credentials()
            try:
                self._api.spend()
                return _download(self._api, f"{instance}{BASE}{path}", params, token)
            except SessionExpired:
                self._api.renew(token)
            except Transient:
                if not left:
                    raise
        raise SessionExpired("Salesforce turns every token down.", code="connection.token_refused")

    def several(self, paths: Iterator[str]) -> Iterator[Page]:
        """The pages in order, a few of them on their way at the same time."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            coming: deque[tuple[str, Future[Page]]] = deque()
            try:
                for path in islice(paths, AT_ONCE):
                    coming.append((path, self._begin(threads, path)))
                while coming:
                    path, future = coming.popleft()
                    page = self._arrived(path, future)
                    for following in islice(paths, 1):
                        coming.append((following, self._begin(threads, following)))
                    yield page
            finally:
                _close_all(coming)

    def _begin(self, threads: ThreadPoolExecutor, path: str) -> Future[Page]:
        # The budget and the token are asked for here: threads only carry.
        self._api.spend()
        instance, token = self._api.credentials()
        return threads.submit(_download, self._api, f"{instance}{BASE}{path}", None, token)

    def _arrived(self, path: str, future: Future[Page]) -> Page:
        try:
            return future.result()
        except Transient:
            # Once more by itself, with a new token where the old one was turned down.
            return self.one(path)


def _close_all(coming: "deque[tuple[str, Future[Page]]]") -> None:
    for _, future in coming:
        if not future.cancel() and future.exception() is None:
            future.result().file.close()


def _download(api: Api, url: str, params: Params | None, token: str) -> Page:
    file = TemporaryFile()  # noqa: SIM115 - the page closes it
    try:
        headers = _stream(api, url, params, token, file)
        locator = headers.get("Sforce-Locator") or _NO_LOCATOR
        return Page(
            file=file,
            count=int(headers["Sforce-NumberOfRecords"]),
            locator=None if locator == _NO_LOCATOR else locator,
        )
    except (KeyError, ValueError):
        file.close()
        raise Unanswered("Salesforce did not say how many rows.", code="crm.unreadable") from None
    except BaseException:
        file.close()
        raise


def _stream(
    api: Api, url: str, params: Params | None, token: str, file: IO[bytes]
) -> Mapping[str, str]:
    try:
        with (
            api.on_the_way(),
            api.own_session() as session,
            session.get(
                url,
                params=dict(params or {}),
                headers={"Authorization": f"Bearer {token}", "Accept": "text/csv"},
                timeout=api.timeout,
                allow_redirects=False,
                stream=True,
            ) as answer,
        ):
            if answer.status_code != requests.codes.ok:
                raise classify(answer.status_code, _body(answer))
            for chunk in answer.iter_content(CHUNK_BYTES):
                file.write(chunk)
            return answer.headers
    except requests.ConnectionError as error:
        raise NotReached(_words(error), code="crm.unreachable") from None
    except requests.RequestException as error:
        raise Unanswered(_words(error), code="crm.unreadable") from None


def _body(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except requests.exceptions.JSONDecodeError:
        return answer.text


def _words(error: Exception) -> str:
    return f"Salesforce did not answer ({type(error).__name__})."
