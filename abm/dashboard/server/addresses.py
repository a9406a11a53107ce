"""Addresses under which other machines of the network find this server."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Iterator

import psutil

ELSEWHERE = ("192.0.2.1", 9)  # reserved for documentation: nothing is sent there
PATIENCE = 0.3  # s until a port of this machine must have answered


def is_this_machine(host: str) -> bool:
    """Whether a name (without port) means this machine to itself only."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def reachable(port: int, root: str = "") -> list[str]:
    """Addresses (with scheme, port and root path) at which this server answers to others, the most likely first."""
    return [_written(address, port, root) for address in dict.fromkeys(_own()) if _answers(address, port)]


def _own() -> Iterator[str]:
    """Addresses of this machine: that of the way out first, then the other ones, version 4 before version 6."""
    yield from _way_out()
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = [
        ipaddress.ip_address(each.address)
        for name, addresses in psutil.net_if_addrs().items()
        for each in addresses
        if name in up and each.family in (socket.AF_INET, socket.AF_INET6) and "%" not in each.address
    ]
    yield from map(str, _useful(sorted(found, key=lambda address: address.version)))


def _useful(
    addresses: Iterable[ipaddress.IPv4Address | ipaddress.IPv6Address],
) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    return (one for one in addresses if not (one.is_loopback or one.is_link_local or one.is_unspecified))


def _way_out() -> Iterator[str]:
    """The address from which this machine would ask another network; none without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(ELSEWHERE)
            yield from map(str, _useful([ipaddress.ip_address(way.getsockname()[0])]))
        except OSError:
            return


def _answers(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(PATIENCE)
        return probe.connect_ex((address, port)) == 0


def _written(address: str, port: int, root: str) -> str:
    host = f"[{address}]" if ":" in address else address
    return f"http://{host}:{port}{root}/"
