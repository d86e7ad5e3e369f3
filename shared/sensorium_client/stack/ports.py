"""Finds out before the start whether a port is taken, and by whom."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable
from pathlib import Path

from sensorium_client.stack.settings import Listener

__all__ = ["free_ports", "port_problem"]

_LISTENING = "0A"  # state of a listening socket in /proc/net/tcp


def port_problem(listeners: Iterable[Listener]) -> str | None:
    """Say what stands in the way of the first listener that cannot have its port; None when all can."""
    claimed: dict[int, Listener] = {}
    for listener in listeners:
        try:
            port = listener.port
        except ValueError as error:
            return str(error)
        if port in claimed:
            return (
                f"port {port} is wanted twice: by {claimed[port].setting} and by {listener.setting}; "
                "give one of them another"
            )
        claimed[port] = listener
        if (problem := _bind_problem(listener)) is not None:
            return problem
    return None


def free_ports(count: int) -> list[int]:
    """Find ports of 127.0.0.1 that nobody holds at this moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(sock.getsockname()[1]) for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports


def _bind_problem(listener: Listener) -> str | None:
    what = f"{listener.process} needs for its {listener.purpose}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            listener.host or None, listener.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that linger are no obstacle
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            holder = _holder(listener.port)
            by = f" by {holder}" if holder else ""
            return f"port {listener.port}, which {what}, is taken{by}; set {listener.setting} to move it"
        return f"{listener.address}, which {what}, cannot be listened on ({error.strerror}); see {listener.setting}"
    return None


def _holder(port: int) -> str | None:
    """Name the process that listens on a port, where Linux lets us see it."""
    wanted = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not wanted:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(entry.readlink()) in wanted for entry in (process / "fd").iterdir()):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                return f"process {process.name} ({' '.join(command.split())[:60]})"
        except OSError:  # it ended, or belongs to somebody else
            continue
    return None


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if not table.exists():
            continue
        for line in table.read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    return inodes
