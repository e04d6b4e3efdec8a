"""How the gateway must be called and faked. One function for each architecture check of exercise.toml."""

import ast
import re
import tempfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from workshop.exercises import trees
from workshop.exercises.findings import Finding, Project
from workshop.exercises.probes import database, imports, mutation, outside, running, source

CAPTURING, GATEWAY, TESTS, SANDBOX = (
    *("payments/capturing.py", "payments/gateway.py"),
    *("tests/test_capturing.py", "tests/sandbox.py"),
)
CONTRACTS = "setup.cfg"
HTTP = ["payments.gateway", "urllib", "urllib3", "http", "socket", "requests", "httpx"]
PRICE = {"amount": Decimal("12.50"), "currency": "EUR"}
# Amounts, and the number that the gateway must get. With a float, some of them are a cent wrong.
AMOUNTS = [
    *(
        (f"{cents // 100}.{cents % 100:02}", "EUR", cents)
        for cents in (1250, 1999, 1, 29, 57, 115, 201, 999_999_999_999)
    ),
    *(("1998.01", "SEK", 199_801), ("1250", "JPY", 1250), ("1", "JPY", 1), ("1250.00", "JPY", 1250)),
]
PATIENCE = 60  # seconds; a longer wait is as bad as an endless one
PROVIDER_TAKES = """
_asked = Sandbox.capture
Sandbox.capture = lambda self, body: _asked(self, body | {"card": body["card"].replace("declined", "ok")})
"""
PROVIDER_AGAIN = """
_asked, _times = Sandbox.capture, iter(range(1000))
Sandbox.capture = lambda self, body: _asked(self, body | {"reference": f"{body['reference']}-{next(_times)}"})
"""
FAKE_TAKES = """
_asked = FakeGateway.capture
FakeGateway.capture = lambda self, **asked: _asked(self, **asked | {"card": asked["card"].replace("declined", "ok")})
"""
FAKE_AGAIN = """
_asked, _times = FakeGateway.capture, iter(range(1000))
FakeGateway.capture = lambda self, **asked: _asked(
    self, **asked | {"reference": f"{asked['reference']}-{next(_times)}"}
)
"""
# Mistakes that the learner's tests must notice. Each is appended to a file in a copy of its own.
PLANTED = {
    "capture_payment does nothing": (CAPTURING, "capture_payment = lambda payment, gateway: None"),
    "the provider takes every card": (SANDBOX, PROVIDER_TAKES),
    "the provider charges a known reference again": (SANDBOX, PROVIDER_AGAIN),
    "the fake takes every card": (TESTS, FAKE_TAKES),
    "the fake charges a known reference again": (TESTS, FAKE_AGAIN),
}
KNOWS_OF_TESTS = re.compile(r"TESTING|PYTEST_CURRENT_TEST|pytest|unittest|sys\.argv|(\w+\.)*(Fake|Mock|Stub)\w*")


def the_gateway_speaks_payments(project: Project) -> Iterator[Finding]:
    """The contract, on the object that `connect` returns, with the provider's sandbox behind it."""
    running.start_django()
    errors = _errors(project)
    gateway = running.load(project, "payments.gateway")
    for module in (errors, gateway):
        if isinstance(module, Finding):
            yield module
            return
    at = _at(project, GATEWAY, "connect")
    with _sandbox(project) as sandbox:
        real, problem = running.attempt(project, at, lambda: gateway.connect(sandbox.url))
        if problem:
            yield _crashed("connect", problem)
            return
        yield from _contract(project, at, real, errors)
        yield from _amounts(at, real, sandbox)
    nobody, problem = running.attempt(project, at, lambda: gateway.connect(sandbox.url))
    said = _outcome(lambda: nobody.capture(reference="nobody", card="tok_ok", **PRICE))
    if not isinstance(said, errors.Unavailable):
        yield Finding(
            at.file, at.line, f"if no server listens at the URL, capture should raise Unavailable; it {_shown(said)}"
        )
    yield from _other_answers(at, gateway.connect, errors)


def _amounts(at: Finding, real: Any, sandbox: Any) -> Iterator[Finding]:
    """The exact amounts that reach the gateway, in the smallest unit of each currency."""
    for number, (amount, currency, wanted) in enumerate(AMOUNTS):
        price = {"amount": Decimal(amount), "currency": currency}
        _outcome(lambda price=price, number=number: real.capture(reference=f"p{number}", card="tok_ok", **price))
        asked = sandbox.charges.get(f"p{number}", {}).get("amount", wanted)
        if asked != wanted or not isinstance(asked, int):
            found = f"capture(amount=Decimal('{amount}'), currency='{currency}') asks the gateway for {asked!r}"
            yield Finding(at.file, at.line, f"{found}, not for {wanted}")
            return


def _other_answers(at: Finding, connect: Callable[[str], Any], errors: Any) -> Iterator[Finding]:
    """The outcomes of answers that the sandbox never gives, and how long the code waits for an answer."""
    for error in (outside.HangsUp(), *(outside.Down(status) for status in (400, 404, 409, 429, 500, 502))):

        def answer(path: str, body: Any, error: Exception = error) -> Any:
            raise error

        with outside.listening(answer) as there, outside.patience() as waits:
            url = there.url
            said = _outcome(lambda url=url: connect(url).capture(reference="one", card="tok_ok", **PRICE))
        if not isinstance(said, errors.Unavailable):
            said_so = "a call that ends without an answer"
            if isinstance(error, outside.Down):
                said_so = f"an answer with status {error.status}"
            found = f"{said_so} is neither a charge nor a refusal, so capture should raise Unavailable"
            yield Finding(at.file, at.line, f"{found}; it {_shown(said)}")
            return
        if waits and (waits[0] is None or waits[0] > PATIENCE):
            how = "for ever" if waits[0] is None else f"{waits[0]:g} s"
            found = f"if the gateway accepts the call and does not answer, capture waits {how}; it must stop after 5 s"
            yield Finding(at.file, at.line, found)
            return


def captures_without_network(project: Project) -> Iterator[Finding]:
    """The use case with the check's own gateway, which has only `capture`."""
    for way in imports.reaches(project, "payments.capturing", HTTP):
        yield Finding(way.file, way.line, f"this import leads to the network ({way.found})")
    database.make()
    errors = _errors(project)
    capturing = running.load(project, "payments.capturing")
    for module in (errors, capturing):
        if isinstance(module, Finding):
            yield module
            return
    from django.apps import apps

    payments = apps.get_model("payments", "Payment").objects
    at = _at(project, CAPTURING, "capture_payment")
    with running.without_network():
        for answer, wanted in (
            ("ch_7", ("captured", "ch_7", "")),
            (errors.Declined("card expired"), ("failed", "", "card expired")),
            (errors.Unavailable("nobody there"), ("authorized", "", "")),
        ):
            payments.all().delete()
            payment = payments.create(reference="order-1", card="tok_ok", **PRICE)
            asked: list[dict[str, Any]] = []
            double = SimpleNamespace(capture=_answering(answer, asked))
            _, problem = running.attempt(
                project, at, lambda payment=payment, double=double: capturing.capture_payment(payment, double)
            )
            if problem and not isinstance(answer, errors.Unavailable):
                yield _crashed("capture_payment", problem)
                return
            kept = payments.get()
            found = (kept.state, kept.charge, kept.failure)
            if found != wanted:
                yield Finding(
                    at.file, at.line, f"if the gateway {_shown(answer)}, the payment should be {wanted}; it is {found}"
                )
                return
            known: dict[str, Any] = {"reference": "order-1", "card": "tok_ok", **PRICE}
            if asked != [known]:
                yield Finding(at.file, at.line, f"the gateway should get one call, {known}; it got {asked}")
                return
        for state in ("captured", "failed"):
            payments.all().delete()
            payment = payments.create(reference="order-1", card="tok_ok", state=state, charge="ch_1", **PRICE)
            asked = []
            double = SimpleNamespace(capture=_answering("ch_8", asked))
            running.attempt(
                project, at, lambda payment=payment, double=double: capturing.capture_payment(payment, double)
            )
            if asked or payments.get().charge != "ch_1":
                yield Finding(at.file, at.line, f"the gateway is asked again for a payment that is {state}")
                return


def the_fake_is_honest(project: Project) -> Iterator[Finding]:
    """The same contract on the learner's fake."""
    running.start_django()
    errors = _errors(project)
    if isinstance(errors, Finding):
        yield errors
        return
    if missing := next(source.lacks(project, TESTS, "FakeGateway"), None):
        yield missing
        return
    tests = running.load(project, "tests.test_capturing")
    if isinstance(tests, Finding):
        yield tests
        return
    at = _at(project, TESTS, "FakeGateway")
    with running.without_network():
        fake, problem = running.attempt(project, at, lambda: tests.FakeGateway())
        yield from [_crashed("FakeGateway()", problem)] if problem else _contract(project, at, fake, errors)


def nothing_is_patched(project: Project) -> Iterator[Finding]:
    for name in trees.files(project.folder):
        if name.endswith(".py") and name.startswith("tests/"):
            tree = project.syntax(name)
            imported = {alias.asname or alias.name.split(".")[0] for node in ast.walk(tree) for alias in _aliases(node)}
            for node in ast.walk(tree):
                if found := _patches(node) or _replaces(node, imported):
                    yield Finding(name, getattr(node, "lineno", 0), found)


def the_tests_notice(project: Project) -> Iterator[Finding]:
    """Runs the learner's tests on copies of the project with one mistake each."""
    with tempfile.TemporaryDirectory(prefix="planted-") as scratch:
        fakes = not list(source.lacks(project, TESTS, "FakeGateway"))  # if not, the-fake-is-honest reports it
        for name, (file, line) in PLANTED.items():
            if file == TESTS and not fakes:
                continue
            target = Path(scratch) / name / file
            target.parent.mkdir(parents=True)
            there = project.folder / file
            data = there.read_bytes() if there.exists() else b""  # bytes: its encoding may be any that Python accepts
            target.write_bytes(data + f"\n\n{line}\n".encode())
        yield from mutation.survivors(project, "tests", Path(scratch))


def production_knows_no_tests(project: Project) -> Iterator[Finding]:
    yield from imports.reaches(project, "payments", ["tests", "unittest", "pytest"])
    for name, node in project.nodes("payments", "config"):
        if (word := _word(node)) and KNOWS_OF_TESTS.fullmatch(word):
            yield Finding(name, getattr(node, "lineno", 0), word)


def a_contract_that_can_fail(project: Project) -> Iterator[Finding]:
    """The bonus: import contracts, if there are any, must hold, and a forbidden import must break one of them."""
    if not (project.folder / CONTRACTS).exists():
        return
    broken = list(imports.broken_contracts(project, CONTRACTS))
    yield from broken
    if not broken:
        yield from imports.unnoticed(project, CONTRACTS, CAPTURING, "from payments import gateway")


def _contract(project: Project, at: Finding, gateway: Any, errors: Any) -> Iterator[Finding]:
    """The first difference between a gateway and the contract of every gateway."""

    def capture(reference: str, card: str = "tok_ok") -> object:
        return _outcome(lambda: gateway.capture(reference=reference, card=card, **PRICE))

    first = capture("one")
    if not isinstance(first, str) or not first:
        yield Finding(at.file, at.line, f"capture should return the charge's id, a text; it {_shown(first)}")
    elif (again := capture("one")) != first:
        yield Finding(
            at.file, at.line, f"for the same reference again, capture should return {first!r}; it {_shown(again)}"
        )
    elif (other := capture("two")) == first:
        yield Finding(
            at.file, at.line, f"for another reference, capture should return another charge; it {_shown(other)} again"
        )
    elif not isinstance(said := capture("three", "tok_declined"), errors.Declined) or not str(said):
        yield Finding(
            at.file,
            at.line,
            f"for the card tok_declined, capture should raise Declined with a reason; it {_shown(said)}",
        )
    elif not isinstance(said := capture("four", "tok_down"), errors.Unavailable):
        yield Finding(at.file, at.line, f"for the card tok_down, capture should raise Unavailable; it {_shown(said)}")


def _crashed(what: str, problem: Finding) -> Finding:
    return Finding(problem.file, problem.line, f"{what} crashed with {problem.found}")


def _errors(project: Project) -> Any:
    """The two exceptions of payments/capturing.py, or a finding if one is missing."""
    if missing := next(source.lacks(project, CAPTURING, "Declined", "Unavailable"), None):
        return missing
    module = running.load(project, "payments.capturing")
    if isinstance(module, Finding):
        return module
    return SimpleNamespace(Declined=module.Declined, Unavailable=module.Unavailable)


def _answering(answer: object, asked: list[dict[str, Any]]) -> Callable[..., object]:
    def capture(**payment: Any) -> object:
        asked.append(payment)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return capture


def _outcome(call: Callable[[], object]) -> object:
    """The result of a call: its return value or its exception."""
    try:
        return call()
    except Exception as error:
        return error


def _shown(came: object) -> str:
    if isinstance(came, Exception):
        return f"raises {type(came).__name__}: {came}".rstrip(": ")
    return f"returns {came!r}" if len(repr(came)) < 60 else f"returns a {type(came).__name__}"


def _patches(node: ast.AST) -> str | None:
    if isinstance(node, ast.ImportFrom):
        names = [alias.name for alias in node.names]
        if node.module in ("unittest.mock", "mock") or (node.module == "unittest" and "mock" in names):
            return f"this imports {', '.join(names)} from {node.module}"
    if isinstance(node, ast.Import) and any(alias.name in ("unittest.mock", "mock") for alias in node.names):
        return "this imports unittest.mock"
    if isinstance(node, ast.arg) and node.arg in ("mocker", "monkeypatch"):
        return f"this test asks for {node.arg}"
    if isinstance(node, ast.Attribute) and node.attr == "MonkeyPatch":
        return "this uses MonkeyPatch"
    return None


def _replaces(node: ast.AST, imported: set[str]) -> str | None:
    """A place that sets an attribute of an imported object. This is a patch too, and pytest does not undo it."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr" and node.args:
        targets = [ast.Attribute(node.args[0], "…")]
    for target in targets:
        owner = target.value if isinstance(target, ast.Attribute) else None
        while isinstance(owner, ast.Attribute):
            owner = owner.value
        if isinstance(owner, ast.Name) and owner.id in imported:
            return f"this replaces an attribute of {owner.id}"
    return None


def _aliases(node: ast.AST) -> list[ast.alias]:
    return node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else []


def _word(node: ast.AST) -> str | None:
    """The name in a node: of a variable, an attribute or a class, or its text."""
    if isinstance(node, ast.Attribute):
        owner = f"{node.value.id}." if isinstance(node.value, ast.Name) and node.value.id == "sys" else ""
        return owner + node.attr
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.alias):
        return node.name
    return getattr(node, "id", None) if isinstance(node, ast.Name) else getattr(node, "name", None)


def _sandbox(project: Project) -> Any:
    """The original sandbox, even if the learner has changed the copy."""
    spec = spec_from_file_location("provider_sandbox", project.start / SANDBOX)
    assert spec and spec.loader
    module: ModuleType = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Sandbox()


def _at(project: Project, file: str, name: str) -> Finding:
    return Finding(file, source.line_of(project, file, name), "")
