"""What a process knows of itself and no database does: its pulse and its broker."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from dramatiq.brokers.redis import RedisBroker
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from redis.exceptions import RedisError

from crm_loop.queue import Bell, NoBell
from crm_loop_workers.families import PREFIX
from crm_loop_workers.pulse import Pulse


@dataclass(frozen=True, slots=True)
class Own:
    """One process. Without a broker workers look for work themselves."""

    pulse: Pulse = field(default_factory=Pulse)
    broker: RedisBroker | None = None
    bell: Bell = field(default_factory=NoBell)

    def broker_answers(self) -> bool | None:
        """None where there is no broker to answer."""
        if self.broker is None:
            return None
        try:
            self.broker.client.ping()
        except RedisError:
            return False
        return True

    def measures(self) -> Iterator[Metric]:
        """Of the broker, where there is one: whether it answers, and rings that it did not take."""
        answers = self.broker_answers()
        if answers is None:
            return
        words = "Whether Redis or Valkey answers this process."
        yield GaugeMetricFamily(PREFIX + "redis_up", words, value=float(answers))
        words = "Rings that the broker did not take; the work is found without them."
        failures = float(getattr(self.bell, "failures", 0))
        yield CounterMetricFamily(PREFIX + "ring_failures", words, value=failures)
