"""The address guard: a name is resolved once, what it stands for is judged, the connection goes to just that address.

Without it a feed could make Vigie ask the reader's router or a cloud's metadata service.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.request import getproxies, proxy_bypass

import httpx

from ingest.timed import TimedBackend

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(httpx.RequestError):
    """A host stands for an address that is not for everybody."""


class NoAddress(AddressRefused):
    """A host's name stands for no address, or none can be had now: both look the same from a machine that is offline."""


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """``allowed``: hosts, addresses and networks that pass although they are private; ``connect_to`` sends a host's
    requests to an "address:port" of the reader's own choice."""

    allowed: Sequence[str] = ()
    connect_to: Sequence[tuple[str, str]] = ()

    def address_for(self, host: str, port: int) -> tuple[str, int]:
        """The address and port to connect to. Raises AddressRefused for a private one, or when there is none."""
        for name, target in self.connect_to:
            if name.lower() == host.lower():
                address, _, wanted = target.rpartition(":")
                return address, int(wanted)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NoAddress(f"{host} has no address ({error}); check the name, and the network") from error
        addresses = list(dict.fromkeys(str(row[4][0]).partition("%")[0] for row in found))
        for address in addresses:
            if not self.permits(host, ipaddress.ip_address(address)):
                raise AddressRefused(f"{host} is a private address ({address}); allow it by allow_hosts if you mean to")
        return addresses[0], port

    def permits(self, host: str, address: Address) -> bool:
        """Whether an address may be connected to under a host's name."""
        mapped = getattr(address, "ipv4_mapped", None)
        plain: Address = mapped or address
        if plain.is_global and not plain.is_multicast:
            return True
        return any(host.lower() == entry.lower() or plain in network for entry, network in self._networks())

    def _networks(self) -> Iterator[tuple[str, ipaddress.IPv4Network | ipaddress.IPv6Network]]:
        for entry in self.allowed:
            try:
                yield entry, ipaddress.ip_network(entry, strict=False)
            except ValueError:
                yield entry, ipaddress.ip_network("255.255.255.255/32")


class GuardedTransport(httpx.BaseTransport):
    """Sends each request to the address that the guard chose, under the name that the URL has.

    Where the environment names a proxy for the scheme, the proxy resolves names: then only addresses written out and
    local names can be judged. No request outlasts ``clock.until``.
    """

    def __init__(self, guard: AddressGuard, *, verify: object, http2: bool = True) -> None:
        self._guard = guard
        self._verify = verify
        self._http2 = http2
        self.clock = TimedBackend()
        self._direct = self._timed(httpx.HTTPTransport(verify=verify, http2=http2, retries=0))  # type: ignore[arg-type]
        self._proxied: dict[str, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises httpx's errors, AddressRefused among them."""
        host = request.url.host
        proxy = getproxies().get(request.url.scheme)
        if proxy and not proxy_bypass(host) and not any(name == host for name, _ in self._guard.connect_to):
            self._judge_by_name(host)
            return self._through(proxy).handle_request(request)
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        address, port = self._guard.address_for(host, port)
        target = request.url.copy_with(host=address, port=port)
        extensions = {**request.extensions, "sni_hostname": host}
        sent = httpx.Request(
            request.method, target, headers=request.headers, stream=request.stream, extensions=extensions
        )
        return self._direct.handle_request(sent)

    def _judge_by_name(self, host: str) -> None:
        try:
            address = ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
                raise AddressRefused(f"{host} is a private name") from None
            return
        if not self._guard.permits(host, address):
            raise AddressRefused(f"{host} is a private address; allow it by allow_hosts if you mean to")

    def _through(self, proxy: str) -> httpx.HTTPTransport:
        if proxy not in self._proxied:
            made = httpx.HTTPTransport(proxy=proxy, verify=self._verify, http2=self._http2)  # type: ignore[arg-type]
            self._proxied[proxy] = self._timed(made)
        return self._proxied[proxy]

    def _timed(self, transport: httpx.HTTPTransport) -> httpx.HTTPTransport:
        # httpx has no way to hand over httpcore's network; tests with servers that drip fail should this place move.
        transport._pool._network_backend = self.clock
        return transport

    def close(self) -> None:
        """Close every connection."""
        self._direct.close()
        for transport in self._proxied.values():
            transport.close()
