"""Machines of the rig: a network namespace each, with one cable to ours that can be pulled.

Inside, our servers are found on loopback as they are at home: pipes carry the connections over
the cable. Where namespaces are not permitted, a machine is no more than its processes, and pulling
the cable stops them.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = str(Path(__file__).parents[1])


@dataclass(slots=True)
class Machine:
    """`ports` are those of our servers on loopback."""

    number: int
    ports: Sequence[int]
    namespace: str | None
    pipes: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    children: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def start(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as file:
            child = subprocess.Popen(
                [*self._inside(), *command],
                env={**os.environ, **environment},
                stdout=file,
                stderr=file,
            )
        self.children.append(child)

    def stop(self) -> None:
        """End what runs there as a supervisor would."""
        for child in self.children:
            child.terminate()
        for child in self.children:
            child.wait(60)
        self.children.clear()

    def cut(self) -> None:
        self._cable("down", signal.SIGSTOP)

    def join(self) -> None:
        self._cable("up", signal.SIGCONT)

    def lay(self) -> None:
        """Lay the cable and the pipes; without a namespace there is nothing to lay."""
        if self.namespace is None:
            return
        for command in (
            f"ip netns add {self.namespace}",
            f"ip link add {self._near} type veth peer name {self._far}",
            f"ip link set {self._far} netns {self.namespace}",
            f"ip addr add {self._address(1)}/30 dev {self._near}",
            f"ip link set {self._near} up",
            f"ip -n {self.namespace} addr add {self._address(2)}/30 dev {self._far}",
            f"ip -n {self.namespace} link set {self._far} up",
            f"ip -n {self.namespace} link set lo up",
        ):
            _do(command)
        here = [[[self._address(1), port], ["127.0.0.1", port]] for port in self.ports]
        there = [[["127.0.0.1", port], [self._address(1), port]] for port in self.ports]
        self.pipes = [_pipe([], here), _pipe(self._inside(), there)]

    def remove(self) -> None:
        for process in (*self.children, *self.pipes):
            process.kill()
            process.wait()
        if self.namespace is not None:
            _do(f"ip netns del {self.namespace}", must=False)
            _do(f"ip link del {self._near}", must=False)

    @property
    def _near(self) -> str:
        return f"cl{os.getpid() % 100_000}h{self.number}"

    @property
    def _far(self) -> str:
        return f"cl{os.getpid() % 100_000}c{self.number}"

    def _address(self, end: int) -> str:
        return f"10.213.{self.number}.{end}"

    def _inside(self) -> list[str]:
        return [] if self.namespace is None else ["ip", "netns", "exec", self.namespace]

    def _cable(self, state: str, signalled: signal.Signals) -> None:
        if self.namespace is not None:
            _do(f"ip link set {self._near} {state}")
        for child in self.children if self.namespace is None else ():
            child.send_signal(signalled)


def may_have_namespaces() -> bool:
    return _do("ip netns add crm-loop-try", must=False) and _do("ip netns del crm-loop-try")


@contextmanager
def machines(count: int, ports: Sequence[int]) -> Iterator[list[Machine]]:
    """So many machines that reach these ports of ours, until the block ends."""
    separate = may_have_namespaces()
    found = []
    with ExitStack() as stack:
        for number in range(count):
            name = f"crm-loop-{os.getpid()}-{number}" if separate else None
            machine = Machine(number + 1, ports, name)
            stack.callback(machine.remove)
            machine.lay()
            found.append(machine)
        yield found


def _pipe(inside: Sequence[str], pairs: object) -> "subprocess.Popen[bytes]":
    command = [*inside, sys.executable, "-m", "rig.pipe", json.dumps(pairs)]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": FOLDER})


def _do(command: str, *, must: bool = True) -> bool:
    try:
        done = subprocess.run(command.split(), capture_output=True, check=False)
    except FileNotFoundError:
        return False
    if must and done.returncode:
        raise AssertionError(f"{command}: {done.stderr.decode()}")
    return done.returncode == 0
