"""Hostile endpoints, in their own process, so that their cost is not counted as a worker's."""

import os
import socket
import ssl
import sys
import threading
import time
from contextlib import suppress

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BLOCK = 65536

FLOODS = {
    "a chunk of size -1": (CHUNKED + b"-1\r\n", b"x"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "chunks of one byte": (CHUNKED, b"1\r\nx\r\n"),
}
KINDS = (*FLOODS, "session tickets", "packets of one byte", "silence")


def serve(kind: str, certificate: str) -> None:
    os.nice(19)  # this process plays another machine, so it takes only the processor time that the server leaves
    tls = None
    if kind == "session tickets":
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        tls.minimum_version, tls.num_tickets = ssl.TLSVersion.TLSv1_3, 10_000_000
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=harm, args=(connection, kind, tls), daemon=True).start()


def harm(connection: socket.socket, kind: str, tls: ssl.SSLContext | None) -> None:
    with suppress(OSError), connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            tls.wrap_socket(connection, server_side=True).recv(1)  # the handshake sends the tickets, and never ends
        connection.recv(BLOCK)
        if kind in FLOODS:
            first, more = FLOODS[kind]
            connection.sendall(first)
            while True:
                connection.sendall(more * (BLOCK // len(more)))
        elif kind == "packets of one byte":
            connection.sendall(OK + b"X: ")
            while True:
                connection.sendall(b"x")
                time.sleep(0.001)  # more a second would measure the timers of a virtual machine
        else:
            connection.recv(1)


if __name__ == "__main__":
    serve(*sys.argv[1:])
