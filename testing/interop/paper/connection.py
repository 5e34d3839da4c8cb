# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS and frames."""
import socket
import struct

from OpenSSL import SSL

from .bundle import public_der
from .messages import Failure, u, vec
from .p256 import sha256


class Connection:
    """A TLS connection and its frames."""

    def __init__(self, sock, host):
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_min_proto_version(SSL.TLS1_3_VERSION)
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_options(SSL.OP_NO_TICKET)
        context.set_alpn_protos([b"obol/1"])
        self.tls = SSL.Connection(context, sock)
        self.tls.set_connect_state()
        if ":" not in host and not host.replace(".", "").isdigit():
            self.tls.set_tlsext_host_name(host.encode("idna"))
        self._run(self.tls.do_handshake)
        if self.tls.get_alpn_proto_negotiated() != b"obol/1":
            raise Failure("something else than an obold answers", 6)
        key = self.tls.get_peer_certificate().to_cryptography().public_key()
        self.key_hash = sha256(public_der(key)).hex()
        self.exporter = self.tls.export_keying_material(
            b"EXPORTER-Channel-Binding", 32, b"")

    @staticmethod
    def _run(call, *args):
        try:
            return call(*args)
        except SSL.WantReadError:
            raise Failure("the server did not answer in time", 5) from None
        except (SSL.ZeroReturnError, SSL.SysCallError):
            raise Failure("the server closed the connection", 24) from None
        except SSL.Error as error:
            raise Failure(f"TLS fails: {error}", 6) from None

    def send(self, *frames):
        """All in one go."""
        self._run(self.tls.sendall, b"".join(u(1, kind) + vec(3, body)
                                             for kind, body in frames))

    def _receive(self, n):
        data = b""
        while len(data) < n:
            data += self._run(self.tls.recv, n - len(data))
        return data

    def receive(self, limit):
        kind = self._receive(1)[0]
        length = int.from_bytes(self._receive(3), "big")
        if length > limit:
            raise Failure("a frame is too long", 23)
        return kind, self._receive(length)

    def close(self):
        try:
            self.tls.shutdown()
        except SSL.Error:
            pass
        self.tls.close()


def connect(server, name, pins, timeout):
    """The first connection whose handshake is complete, and whose key is pinned
    if any is: both ports of an address, then the next address."""
    host, port = server, None
    if server.startswith("[") or server.count(":") == 1:
        host, _, port = server.rpartition(":")
    host = host.strip("[]")
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror:
        raise Failure("the server's name does not resolve", 3) from None
    failure = Failure("no address of the server answers", 4)
    for family, _, _, _, address in found:
        for number in [port] if port else [4501, 443]:
            try:
                sock = socket.socket(family, socket.SOCK_STREAM)
                wait = struct.pack("ll", int(timeout), int(timeout % 1 * 1e6))
                # also for connect(); settimeout() would have TLS not wait
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, wait)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)
                sock.connect((address[0], int(number)) + address[2:])
                connection = Connection(sock, name or host)
            except OSError:
                continue
            except Failure as other:
                failure = other
                continue
            if not pins or connection.key_hash in pins:
                return connection
            connection.close()
            failure = Failure("the server is not the one known from before", 8)
    raise failure
