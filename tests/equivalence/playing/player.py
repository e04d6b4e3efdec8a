"""Plays histories against one stage, all of them in this process: its WSGI application, its commands, its tables.

Reads one JSON history a line on stdin and writes one JSON line with an entry for each step. `playing/` is on the path
and the stage's folder is the working directory; nothing of the stage is imported but what manage.py and its settings
name.
"""

import contextlib
import io
import json
import os
import re
import runpy
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import chance

chance.put_in_place()
sys.path.insert(0, os.getcwd())
sys.path.append(str(Path(__file__).parents[2] / "behaviour"))

from aliases import Aliases  # noqa: E402
from calling import Response, call  # noqa: E402
from plain import PlainPort  # noqa: E402

from harness.answers import Answer  # noqa: E402
from harness.clock import Clock  # noqa: E402
from harness.receiver import Received, Receiver  # noqa: E402

PLACEHOLDER = re.compile(r"\{(event|delivery|prefix|pk|page|receiver|plain|now)(?::([^{}]*))?\}")
NO_ID = {"event": "evt_00000000000000000000000000", "delivery": "dlv_00000000000000000000000000"}
LOG_FIELDS_OF_THE_CODE = ("logger", "trace", "duration_ms")  # which module, which lines, how long
CSRF = "a" * 32
TEN_YEARS = 10 * 365 * 86400
Step = Mapping[str, Any]


class Player:
    """One stage, and the history that it plays."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.log = log.open("rb")
        self.clock = Clock(Path(os.environ["BEHAVIOUR_CLOCK"]))
        self._execute = _load_the_stage()
        self._manage("migrate", "--verbosity", "0")
        self._application = _application()
        from tables import Tables

        self.tables = Tables(os.environ["WEBHOOKS_ENCRYPTION_KEYS"])
        self.session = _signed_in()
        self.receiver = Receiver(self.clock)
        self.plain = PlainPort()
        self.steps: dict[str, Callable[[Step], dict[str, Any]]] = {
            "call": self.call,
            "admin": self.admin,
            "manage": self.manage,
            "clock": self.move_clock,
            "answers": self.script_answers,
            "crash": self.crash,
            "break": self.break_client,
        }

    def play(self, history: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The entry of each step: its answer, its requests, its log and its changes."""
        self.tables.empty()
        self.receiver.clear()
        self.aliases = Aliases(self.receiver.port, self.plain.port)
        self.keys: dict[str, str] = {}
        self.pages: dict[str, str] = {}
        self.clock.freeze(datetime.fromisoformat(history["at"]))
        self.log.read()
        self.keys["operator"] = self._manage("create_api_key", "--role", "operator")["stdout"].strip()
        self.aliases.text(self.keys["operator"])
        return [self._entry(step) for step in history["steps"]]

    def _entry(self, step: Step) -> dict[str, Any]:
        # No two steps have the same time, so that an order by time is unique.
        self.clock.move(milliseconds=1)
        entry = self.steps[step["do"]](step)
        entry = json.loads(json.dumps(entry), object_hook=self._named)
        entry["sent"] = [self._sent(request) for request in self._arrived()]
        entry["rows"] = self.tables.changes(self.aliases)
        entry["log"] = [self._line(line) for line in self.log.read().decode(errors="replace").splitlines()]
        return entry

    def _named(self, value: dict[str, Any]) -> dict[str, Any]:
        texts = {name: self.aliases.text(text) for name, text in value.items() if isinstance(text, str)}
        lists = {
            name: [self.aliases.text(text) if isinstance(text, str) else text for text in texts]
            for name, texts in value.items()
            if isinstance(texts, list)
        }
        return {**value, **texts, **lists}

    # The steps

    def call(self, step: Step) -> dict[str, Any]:
        """A call of the API, with the key of `as`: operator, a client's slug, "none" or "bad"."""
        headers = {name: self._filled(value) for name, value in step.get("headers", {}).items()}
        key = self.keys.get(step["as"], "whk_" + "x" * 43)
        if step["as"] != "none":
            headers["Authorization"] = f"Bearer {key}"
        body = b""
        if "json" in step:
            body = self._filled(json.dumps(step["json"])).encode()
            headers.setdefault("Content-Type", "application/json")
        elif "raw" in step:
            body = step["raw"].encode("latin-1") * step.get("times", 1)
            headers.setdefault("Content-Type", "application/json")
        response = call(self._application, step["method"], self._filled(step["path"]), headers, body)
        self._remember(response)
        return {"response": response.described()}

    def admin(self, step: Step) -> dict[str, Any]:
        """A page of the admin; with `form`, a form that is sent, and the page that follows."""
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={CSRF}"}
        path = self._filled(step["path"])
        if "form" not in step:
            return {"page": self._page(path, headers)}
        fields = {name: [self._filled(value) for value in values] for name, values in step["form"].items()}
        if path.endswith("/change/"):  # like a browser, which also sends the hidden fields of the form
            opened = call(self._application, "GET", path, headers, b"").body.decode(errors="replace")
            hidden = re.findall('<input type="hidden" name="([a-z_]+)" value="([^"]*)"', opened)
            fields = {name: [value] for name, value in hidden if name != "csrfmiddlewaretoken"} | fields
        body = urlencode({**fields, "csrfmiddlewaretoken": CSRF}, doseq=True).encode()
        form = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        response = call(self._application, "POST", path, form, body)
        described = {"response": response.described()}
        if location := response.header("Location"):
            cookies = [value.partition(";")[0] for name, value in response.headers if name == "Set-Cookie"]
            headers["Cookie"] = "; ".join([headers["Cookie"], *cookies])
            described["page"] = self._page(location, headers)
        return described

    def _page(self, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
        return call(self._application, "GET", path, headers, b"").described()

    def manage(self, step: Step) -> dict[str, Any]:
        done = self._manage(*(self._filled(argument) for argument in step["argv"]))
        if "--client" in step["argv"] and (key := re.search("whk_[A-Za-z0-9_-]{43}", done["stdout"])):
            self.keys[step["argv"][-1]] = key[0]
        return done

    def move_clock(self, step: Step) -> dict[str, Any]:
        self.clock.move(seconds=step["seconds"])
        return {}

    def script_answers(self, step: Step) -> dict[str, Any]:
        self.receiver.answer(step["path"], *(self._answer(**answer) for answer in step["answers"]))
        return {}

    def crash(self, step: Step) -> dict[str, Any]:
        """A pending delivery as a worker leaves it that was killed while it sent it."""
        from tables import execute

        execute(
            "UPDATE webhooks_delivery SET lease_token = %s, leased_until = %s WHERE public_id = %s"
            " AND status = 'pending' AND next_attempt_at <= %s AND lease_token IS NULL",
            "f" * 32,
            self._column(self.clock.now() + timedelta(seconds=90)),
            self._seen("delivery", step["delivery"]),
            self._column(self.clock.now()),
        )
        return {}

    def break_client(self, step: Step) -> dict[str, Any]:
        """A client whose stored options make rendering fail, as a zone does that a newer system has dropped."""
        from tables import execute

        options = json.dumps({"timezone": "Nowhere/Never"})
        execute("UPDATE clients_client SET format_options = %s WHERE slug = %s", options, step["slug"])
        return {}

    # Their parts

    def _manage(self, *argv: str) -> dict[str, Any]:
        output, code = io.StringIO(), 0
        with contextlib.redirect_stdout(output):
            try:
                # The checks read the code, which does not change.
                self._execute(["manage.py", *argv, "--skip-checks"])
            except SystemExit as leaving:
                code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        return {"exit": code, "stdout": output.getvalue()}

    def _answer(self, retry_at: int | None = None, body: str = "", instead: str = "", **plain: Any) -> Answer:
        headers = dict(plain.pop("headers", {}))
        if retry_at is not None:
            headers["Retry-After"] = format_datetime(self.clock.now() + timedelta(seconds=retry_at), usegmt=True)
        if instead == "garbage":
            return Answer.garbage()
        return Answer(body=body.encode(), headers=headers, instead=instead, **plain)

    def _arrived(self) -> list[Received]:
        """The requests received since the last look."""
        requests = self.receiver.requests
        with self.receiver.changed:
            for box in self.receiver.boxes.values():
                box.requests.clear()
        return requests

    def _sent(self, request: Received) -> dict[str, Any]:
        headers = dict(request.headers)
        headers["webhook-signature"] = self.aliases.signatures(headers, request.body)
        return {
            "target": f"{request.method} {request.target} {request.version}",
            "headers": {name: self.aliases.text(value) for name, value in headers.items()},
            "body": self.aliases.text(request.body.decode(errors="surrogateescape")),
        }

    def _line(self, line: str) -> dict[str, Any]:
        """A log line, without the parts that depend on the code."""
        try:
            fields = json.loads(line)
        except ValueError:
            return {"plain": self.aliases.text(line)}
        return self._named({name: value for name, value in fields.items() if name not in LOG_FIELDS_OF_THE_CODE})

    def _remember(self, response: Response) -> None:
        """The client's key, if one is shown, and the links of a page."""
        if not response.header("Content-Type").startswith("application/json"):
            return
        with contextlib.suppress(ValueError):
            shown = json.loads(response.body)
            if isinstance(shown, dict) and "api_key" in shown:
                self.keys[shown["slug"]] = shown["api_key"]
            if isinstance(shown, dict) and "results" in shown:
                self.pages = {name: shown[name] for name in ("next", "previous") if shown[name]}

    def _filled(self, text: str) -> str:
        return PLACEHOLDER.sub(self._fill, text)

    def _fill(self, match: re.Match[str]) -> str:
        from tables import value

        kind, what = match[1], match[2] or "0"
        if kind in ("event", "delivery"):
            return self._seen(kind, int(what))
        if kind == "prefix":
            return self._seen("key", int(what))[:12]
        if kind == "pk":
            table, _, name = what.partition(" ")
            if table == "client":
                return str(value("SELECT id FROM clients_client WHERE slug = %s", name) or 0)
            public_id = self._seen(table, int(name))
            return str(value(f"SELECT id FROM webhooks_{table} WHERE public_id = %s", public_id) or 0)
        if kind == "page":
            return self.pages.get(what, "/v1/deliveries?cursor=none")
        if kind == "now":
            moment = self.clock.now() + timedelta(seconds=float(what))
            return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
        return f"127.0.0.1:{self.receiver.port if kind == 'receiver' else self.plain.port}"

    def _seen(self, kind: str, number: int) -> str:
        """One of the ids seen so far; any number names one, so that a history stays whole when steps are left out."""
        known = self.aliases.seen[kind]
        return known[number % len(known)] if known else NO_ID.get(kind, "whk_00000000")

    @staticmethod
    def _column(moment: datetime) -> Any:
        from django.db import connection

        return connection.ops.adapt_datetimefield_value(moment)


def _load_the_stage() -> Callable[[list[str]], None]:
    """Runs manage.py, which chooses the settings, until just before it would start a command."""
    from django.core import management

    execute, management.execute_from_command_line = management.execute_from_command_line, lambda *_: None
    sys.argv = ["manage.py"]
    runpy.run_path("manage.py", run_name="__main__")
    management.execute_from_command_line = execute
    return execute


def _application() -> Callable[..., Any]:
    from django.core.servers.basehttp import get_internal_wsgi_application

    return get_internal_wsgi_application()


def _signed_in() -> str:
    """A session of the admin that outlives every history. A superuser is Django's, not the stage's."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.sessions.backends.db import SessionStore

    user = get_user_model()(username="ada", is_staff=True, is_superuser=True)
    user.set_unusable_password()
    user.password = "!the same for all"
    user.save()
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.set_expiry(TEN_YEARS)
    session.save()
    return str(session.session_key)


def main(log: Path) -> None:
    replies = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    errors = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(errors, 2)
    player = Player(Path.cwd(), log)
    print("ready", file=replies, flush=True)
    for line in sys.stdin:
        print(json.dumps(player.play(json.loads(line)), sort_keys=True), file=replies, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
