"""What stands between an author and an endpoint in a company: an HTTP proxy, and a gateway that speaks TLS."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self


@dataclass
class Relay:
    """Listens on the loopback and passes bytes on to a port there; each connection is a thread.

    Attributes:
        to: The port that everything goes to.
        tls: Speak TLS to clients.
        proxy: Wait for a client's CONNECT first, or take its absolute URL.
        answer: What a proxy says to CONNECT.
        heads: What clients said before their bytes were passed on.
        port: Where it listens.
    """

    to: int
    tls: ssl.SSLContext | None = None
    proxy: bool = False
    answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n"
    heads: list[bytes] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> Self:
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._threads[0].join()
        for one in self._open:
            end(one)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self._open.append(client)
            self._threads.append(threading.Thread(target=self._serve, args=(client,)))
            self._threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        try:
            if self.tls is not None:
                client = self.tls.wrap_socket(client, server_side=True)
                self._open.append(client)
            first = client.recv(65536)
            if self.proxy:
                self.heads.append(first)
            if first.startswith(b"CONNECT "):
                client.sendall(self.answer)
                first = client.recv(65536) if b" 200 " in self.answer else b""
            if first:
                self._pass(client, first)
        except OSError:
            pass
        finally:
            end(client)

    def _pass(self, client: socket.socket, first: bytes) -> None:
        server = socket.create_connection(("127.0.0.1", self.to))
        self._open.append(server)
        if self.proxy:
            head, _, rest = first.partition(b" HTTP/1.1\r\n")
            method, _, url = head.partition(b" ")
            if url.startswith(b"http://"):
                first = method + b" /" + url.split(b"/", 3)[3] + b" HTTP/1.1\r\n" + rest
        server.sendall(first)
        back = threading.Thread(target=pump, args=(server, client))
        back.start()
        pump(client, server)
        back.join()


def pump(source: socket.socket, target: socket.socket) -> None:
    """Passes bytes on until there are none."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        end(target)


def end(connection: socket.socket) -> None:
    """Ends a connection that another thread may be reading from."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@contextmanager
def certified(folder: Path) -> Iterator[tuple[ssl.SSLContext, Path]]:
    """A server's TLS with a certificate for 127.0.0.1 that only this test knows, and the certificate's file."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    yield context, certificate
