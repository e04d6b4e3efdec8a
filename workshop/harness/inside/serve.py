"""`manage.py runserver` on a socket that already listens.

`python -m workshop.harness.inside.serve 5 runserver --noreload 127.0.0.1:8000`, started in a stage's folder, takes over the file
descriptor 5. The caller has bound it, so no other program can answer at this port.
"""

import os
import socket
import sys
from typing import Any

from django.core.management import execute_from_command_line
from django.core.management.commands import runserver
from django.core.servers.basehttp import WSGIServer


def on(descriptor: int) -> type:
    """The class of a server that listens on this socket and ignores the address that it is given."""

    class Server(WSGIServer):  # type: ignore[misc]
        def server_bind(self) -> None:
            self.server_close()
            self.socket: Any = socket.socket(fileno=descriptor)
            self.server_address: Any = self.socket.getsockname()
            self.server_name, self.server_port = self.server_address
            self.setup_environ()

    return Server


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    own, descriptor, *arguments = sys.argv
    sys.argv = [own, *arguments]  # the settings read the arguments
    runserver.Command.server_cls = on(int(descriptor))
    execute_from_command_line(sys.argv)
