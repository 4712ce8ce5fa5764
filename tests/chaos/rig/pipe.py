"""Carries connections from one address to another; run as a process, with pairs as JSON."""

import asyncio
import json
import sys
from contextlib import suppress

CHUNK = 65_536


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    writer.close()


async def serve(near: tuple[str, int], far: tuple[str, int]) -> None:
    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*far)
        except OSError:
            writer.close()
            return
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))

    server = await asyncio.start_server(joined, *near)
    await server.serve_forever()


async def main() -> None:
    pairs = json.loads(sys.argv[1])
    await asyncio.gather(*(serve(tuple(near), tuple(far)) for near, far in pairs))


if __name__ == "__main__":
    asyncio.run(main())
