"""The fixtures of the suite. Every pytest-xdist worker has a database, a server, a receiver and a folder of its own."""

import os
import shutil
import signal
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from .clock import Clock
from .databases import Database, Postgres, Sqlite, Unreachable
from .http import Api, Response
from .names import Names
from .processes import OUTSIDE, Run, Server, Stage
from .receiver import Receiver
from .tls import Authority
from .world import Client, Manage
from .world import client_document as build_client_document
from .world import create_client as build_client
from .world import post_event as send_event

HARD_LIMIT = 60  # seconds for one test, its fixtures included
BEFORE = Path(__file__).parents[3] / "before"
NOBODY = "http://127.0.0.1:9"  # a proxy that does not exist: a process that uses it cannot connect


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--stage-dir",
        default=os.environ.get("STAGE_DIR", str(BEFORE)),
        help="the folder with the manage.py of the stage under test (default: $STAGE_DIR or before/)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.inipath and Path(config.getoption("--stage-dir")).resolve() in config.inipath.resolve().parents:
        # `--stage-dir PATH`: pytest looks for its configuration before it knows the option, and found the stage's own.
        raise pytest.UsageError(f"pytest took {config.inipath} for its own; write --stage-dir=PATH, with the =")


def pytest_report_header(config: pytest.Config) -> str:
    return f"stage: {config.getoption('--stage-dir')}, database: {os.environ.get('DB', 'sqlite')}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A test that hangs fails after its hard limit; the others go on."""

    def expire(*_: object) -> None:
        pytest.fail(f"took longer than {HARD_LIMIT} s")

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, HARD_LIMIT)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


# One for the session.


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("behaviour")


@pytest.fixture(scope="session")
def _clock(scratch: Path) -> Clock:
    return Clock(scratch / "clock")


@pytest.fixture(scope="session")
def _names(scratch: Path) -> Names:
    return Names(scratch / "names")


@pytest.fixture(scope="session")
def _fast_folder() -> Iterator[Path]:
    """A folder in memory if the system has one, because a stage syncs every commit and some disks are slow."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    for left in memory.glob("behaviour-*-*") if usable else ():
        if not Path("/proc", left.name.split("-")[1]).exists():  # its run was killed before it could clean up
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"behaviour-{os.getpid()}-", dir=memory if usable else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def _new_database(request: pytest.FixtureRequest) -> Callable[[], Database]:
    engine = os.environ.get("DB", "sqlite")
    if engine == "sqlite":
        return lambda: Sqlite(request.getfixturevalue("_fast_folder") / f"database-{uuid.uuid4().hex[:8]}")
    assert engine == "postgres", f"DB is sqlite or postgres, not {engine}"
    return lambda: Postgres(f"behaviour_{os.getpid()}_{uuid.uuid4().hex[:8]}")


@pytest.fixture(scope="session")
def _database(_new_database: Callable[[], Database]) -> Iterator[Database]:
    try:
        database = _new_database()
    except Unreachable as exception:
        pytest.skip(str(exception))
    yield database
    database.drop()


@pytest.fixture(scope="session")
def _server_threads() -> int:
    """The number of threads of an API server, each with a permanent connection; 0: a new thread for every request.

    PostgreSQL starts a process for each connection, which takes longer than most requests. Django equips a new connection
    to SQLite with fifty functions and asks for its settings, which takes a tenth of a request.
    """
    return 16


@pytest.fixture(scope="session")
def stage(
    request: pytest.FixtureRequest,
    scratch: Path,
    _clock: Clock,
    _names: Names,
    _database: Database,
    _server_threads: int,
) -> Iterator[Stage]:
    home = scratch / "home"
    home.mkdir()
    no_authorities = scratch / "no-authorities.pem"  # loads fast, and no external server must be trusted anyway
    no_authorities.touch()
    env = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "SSL_CERT_FILE": str(no_authorities),
        "PYTHONPATH": str(OUTSIDE),
        "BEHAVIOUR_CLOCK": str(_clock.file),
        "BEHAVIOUR_NAMES": str(_names.folder),
        "BEHAVIOUR_SERVER_THREADS": str(_server_threads),
        "DATABASE_URL": _database.url,
        "SECRET_KEY": "the behaviour suite's own key, long enough for the checks of Django",
        "DEBUG": "0",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "WEBHOOKS_ALLOW_HTTP": "1",
        "WEBHOOKS_ALLOWED_NETWORKS": "127.0.0.0/8",
        **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), NOBODY),
    }
    if sys.platform == "darwin":
        env["OBJC_DISABLE_INITIALIZE_FORK_SAFETY"] = "YES"  # the zygote forks after loading system frameworks
    stage = Stage(Path(request.config.getoption("--stage-dir")).resolve(), env, scratch)
    yield stage
    stage.stop()


@pytest.fixture(scope="session")
def _operator_key(stage: Stage, _database: Database) -> str:
    Manage(stage).ok("migrate", "--verbosity", "0")
    key = Manage(stage).ok("create_api_key", "--role", "operator").stdout.strip()
    _database.keep_what_is_there()
    return key


@pytest.fixture(scope="session")
def _server(stage: Stage, _operator_key: str) -> Server:
    return stage.serve()


@pytest.fixture(scope="session")
def _receiver(_clock: Clock) -> Iterator[Receiver]:
    receiver = Receiver(_clock)
    yield receiver
    receiver.stop()


@pytest.fixture(scope="session")
def authority(scratch: Path) -> Authority:
    """The certificate authority of the HTTPS receivers."""
    return Authority(scratch / "authority")


@pytest.fixture(scope="session")
def _tls_receiver(_clock: Clock, authority: Authority) -> Iterator[Receiver]:
    context = authority.server_context("127.0.0.1", "localhost", "good.test")
    receiver = Receiver(_clock, context, str(authority.ca_file))
    yield receiver
    receiver.stop()


# One for each test.


@pytest.fixture(autouse=True)
def _clean_slate(
    stage: Stage, _clock: Clock, _names: Names, _receiver: Receiver, _server: Server, _database: Database
) -> Iterator[None]:
    _clock.reset()
    _names.clear()
    _receiver.clear()
    _database.empty()
    _server.mark()
    mark = stage.started()
    yield
    _receiver.clear()
    stage.end_all_after(mark)


@pytest.fixture
def clock(_clock: Clock) -> Clock:
    return _clock


@pytest.fixture
def names(_names: Names) -> Names:
    return _names


@pytest.fixture
def receiver(_receiver: Receiver) -> Receiver:
    return _receiver


@pytest.fixture
def tls_receiver(_tls_receiver: Receiver) -> Receiver:
    """An HTTPS receiver for 127.0.0.1, localhost and good.test; SSL_CERT_FILE with its `ca_file` makes it trusted."""
    _tls_receiver.clear()
    return _tls_receiver


@pytest.fixture
def new_tls_receiver(_clock: Clock, authority: Authority) -> Iterator[Callable[..., Receiver]]:
    """`new_tls_receiver("other.test", expired=True)`: an HTTPS receiver with a certificate that a test chooses."""
    started: list[Receiver] = []

    def start(*hosts: str, expired: bool = False) -> Receiver:
        context = authority.server_context(*hosts, expired=expired)
        started.append(Receiver(_clock, context, str(authority.ca_file)))
        return started[-1]

    yield start
    for receiver in started:
        receiver.stop()


@pytest.fixture
def database(_database: Database) -> Database:
    return _database


@pytest.fixture
def new_database(_new_database: Callable[[], Database]) -> Iterator[Callable[[], Database]]:
    """Creates an empty database, not migrated; its `url` goes into a command's env."""
    created: list[Database] = []

    def create() -> Database:
        created.append(_new_database())
        return created[-1]

    yield create
    for database in created:
        database.drop()


@pytest.fixture
def server(_server: Server) -> Server:
    return _server


@pytest.fixture
def manage(stage: Stage, _clean_slate: None) -> Manage:
    return Manage(stage)


@pytest.fixture
def deliver(manage: Manage) -> Callable[..., Run]:
    """Sends all due deliveries."""
    return partial(manage.ok, "deliver", "--once")


@pytest.fixture
def api(server: Server, _operator_key: str) -> Api:
    """The API with an operator's key."""
    return Api(server.port, _operator_key, server.log)


@pytest.fixture
def client_document(receiver: Receiver) -> Callable[..., dict[str, Any]]:
    return partial(build_client_document, receiver)


@pytest.fixture
def create_client(api: Api, receiver: Receiver) -> Callable[..., Client]:
    return partial(build_client, api, receiver)


@pytest.fixture
def post_event(api: Api) -> Callable[..., Response]:
    return partial(send_event, api)


@pytest.fixture
def accepted(api: Api) -> Callable[..., str]:
    """Like post_event, but the answer must be 202. Returns the event's id."""

    def post(*args: Any, **kwargs: Any) -> str:
        response = send_event(api, *args, **kwargs)
        assert response.status == 202, response.body
        return response.json()["id"]

    return post
