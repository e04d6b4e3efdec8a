"""A client's endpoint that really listens, on this machine."""

import threading

import pytest

from .plumbing.endpoint import Server


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
