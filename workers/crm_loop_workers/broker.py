"""The dramatiq broker as a doorbell: a message carries an organisation and a job's id."""

import logging
import time
from collections.abc import Iterable

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import ShutdownNotifications
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

QUEUE = "jobs"
ACTOR = "work"

#: A worker that has not been heard of for this long has lost its messages to the others.
HEARTBEAT_MILLISECONDS = 15_000
#: Look for such workers at every call instead of at one in a thousand.
ALWAYS = 1_000_000
SOCKET_SECONDS = 5
#: A broker that did not answer is left alone for this long, so that it delays no work.
SILENT_SECONDS = 2.0


def open_broker(url: str) -> RedisBroker:
    """A broker without retries of its own: the database remembers, so a lost call may fail."""
    client = redis.Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=SOCKET_SECONDS,
        socket_connect_timeout=SOCKET_SECONDS,
        health_check_interval=15,
    )
    return RedisBroker(
        client=client,
        namespace="crm_loop",
        middleware=[ShutdownNotifications()],
        heartbeat_timeout=HEARTBEAT_MILLISECONDS,
        maintenance_chance=ALWAYS,
    )


class DramatiqBell:
    """Rings through a broker; a broker that is away costs time, never work."""

    def __init__(self, broker: dramatiq.Broker) -> None:
        self.broker = broker
        self.broker.declare_queue(QUEUE)
        self._silent_until = 0.0
        #: Rings that the broker did not take since this process began.
        self.failures = 0

    def ring(self, jobs: Iterable[tuple[str, str]]) -> bool:
        if time.monotonic() < self._silent_until:
            return False
        for organisation, job in jobs:
            message: dramatiq.Message[None] = dramatiq.Message(
                queue_name=QUEUE,
                actor_name=ACTOR,
                args=(organisation, job),
                kwargs={},
                options={},
            )
            try:
                self.broker.enqueue(message)
            except (redis.RedisError, dramatiq.DramatiqError, OSError) as error:
                logger.warning("the broker did not take a ring: %s", type(error).__name__)
                self._silent_until = time.monotonic() + SILENT_SECONDS
                self.failures += 1
                return False
        return True
