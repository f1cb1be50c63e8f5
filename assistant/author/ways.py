"""Ways into the network: directly, or through the proxy that the environment names."""

import ipaddress
import socket
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

from assistant.errors import UsageError


_PATIENCE = 10.0


def way_to(proxy: str = "") -> httpx2.BaseTransport:
    """The network, directly or through a proxy. The machine says whom it trusts, or SSL_CERT_FILE does.

    Raises:
        UsageError: the proxy's address has no meaning, or the certificates cannot be read.
    """
    try:
        return httpx2.HTTPTransport(proxy=proxy or None)
    except (ValueError, ImportError, httpx2.InvalidURL) as error:
        raise UsageError(
            f"the proxy {without_secrets(proxy)!a} cannot be used",
            why=type(error).__name__,
            hint="http://HOST:PORT and https://HOST:PORT can",
        ) from None
    except OSError as error:
        raise UsageError(
            "the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read",
            why=error.strerror or type(error).__name__,
        ) from None


def environment_proxy(url: str) -> str:
    """The proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY name for a URL; "" for none.

    This machine itself is never asked for through a proxy: there, its name would mean the proxy's machine.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return ""
    proxies = getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all") or ""
    return found if "://" in found or not found else f"http://{found}"


def unreachable(url: str) -> str:
    """Why no connection to a URL can be opened; "" when one can. Nothing is sent over it."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    try:
        with socket.create_connection((parts.hostname or "", port), timeout=_PATIENCE):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def without_secrets(url: str) -> str:
    """A proxy's URL as it may be shown: without name and password."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}" if mark else url.rpartition("@")[2]
