"""Cardly's sandbox, as Cardly provides it: its gateway on this machine, with test cards.

with Sandbox() as sandbox:
    ...  # sandbox.url
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

os.environ["no_proxy"] = "127.0.0.1"  # a company's proxy cannot reach this machine


class Sandbox:
    def __init__(self):
        self.charges = {}  # the charges, by reference

    def capture(self, body):
        """The status and the answer. tok_declined is a card that is declined; for tok_down the gateway is down."""
        if body["card"] == "tok_down":
            return 503, {"error": "try again later"}
        if body["card"] == "tok_declined":
            return 402, {"reason": "insufficient funds"}
        known = body["reference"] in self.charges
        charge = self.charges.setdefault(body["reference"], body | {"id": f"ch_{len(self.charges) + 1}"})
        return 200 if known else 201, {"id": charge["id"]}

    def __enter__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"sandbox": self}))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, answer = self.sandbox.capture(body) if self.path == "/captures" else (404, {})
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass
