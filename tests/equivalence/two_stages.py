"""Two stages on one database, as in a rolling deploy: servers and workers of either, started and stopped in order."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.clock import Clock
from harness.databases import Database, Postgres, Sqlite
from harness.http import Api
from harness.processes import OUTSIDE, Process, Server, Stage
from harness.receiver import Receiver
from harness.world import Manage

NOBODY = "http://127.0.0.1:9"  # a proxy that does not exist


@dataclass
class Crew:
    """A stage's server and worker, while they run."""

    stage: Stage
    server: Server
    worker: Process

    def api(self, key: str) -> Api:
        return Api(self.server.port, key, self.server.log)

    def retire(self) -> None:
        """Ends both as in a deploy: attempts in flight finish first."""
        self.worker.terminate()
        assert self.worker.wait().exit_code == 0
        self.server.process.terminate()
        self.server.process.wait()


@dataclass
class Shared:
    """One database, a clock and a receiver, for several stages."""

    database: Database
    clock: Clock
    receiver: Receiver
    stages: list[Stage]
    operator_key: str = ""

    def start(self, stage: Stage) -> Crew:
        return Crew(stage, stage.serve(), stage.start("deliver"))

    def log_of(self, stage: Stage) -> str:
        """The stderr of all processes of a stage."""
        return "".join(process.stderr for process in stage._started)


@contextmanager
def one_database(engine: str, folders: list[Path]) -> Iterator[Shared]:
    """The first stage has migrated the database and made the operator's key. Raises Unreachable without a server."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    with ExitStack() as stack:
        folder = tempfile.TemporaryDirectory(prefix=f"equivalence-{os.getpid()}-", dir=memory if usable else None)
        scratch = Path(stack.enter_context(folder))
        database: Database
        if engine == "postgres":
            database = Postgres(f"equivalence_{os.getpid()}_{scratch.name[-8:]}")
        else:
            database = Sqlite(scratch / "database")
        stack.callback(database.drop)
        clock = Clock(scratch / "clock")
        receiver = Receiver(clock)
        stack.callback(receiver.stop)
        stages = []
        for number, stage_folder in enumerate(folders):
            own = scratch / f"{number}-{stage_folder.name}"
            own.mkdir()
            stages.append(Stage(stage_folder, _environment(own, clock, database), own))
            stack.callback(stages[-1].stop)
        shared = Shared(database, clock, receiver, stages)
        manage = Manage(stages[0])
        manage.ok("migrate", "--verbosity", "0")
        shared.operator_key = manage.ok("create_api_key", "--role", "operator").stdout.strip()
        yield shared


def _environment(scratch: Path, clock: Clock, database: Database) -> dict[str, str]:
    no_authorities = scratch / "no-authorities.pem"
    no_authorities.touch()
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(scratch),
        "LANG": "C.UTF-8",
        "SSL_CERT_FILE": str(no_authorities),
        "PYTHONPATH": str(OUTSIDE),
        "BEHAVIOUR_CLOCK": str(clock.file),
        "DATABASE_URL": database.url,
        "SECRET_KEY": "one key for all the stages, long enough for the checks of Django",
        "DEBUG": "0",
        "ALLOWED_HOSTS": "127.0.0.1",
        "WEBHOOKS_ALLOW_HTTP": "1",
        "WEBHOOKS_ALLOWED_NETWORKS": "127.0.0.0/8",
        **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), NOBODY),
    }
