"""The probes that let others in: a server that is called, a database that somebody else uses at the same time."""

import subprocess
import sys
import textwrap
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from workshop import ROOT
from workshop.exercises.findings import Project
from workshop.exercises.probes import memory, outside


def test_the_fake_server_answers_and_remembers_its_calls():
    with outside.listening(lambda path, body: {"status": body["card"]}) as there:
        request = Request(f"{there.url}/cardly", b'{"card": "tok"}')
        with urlopen(request, timeout=5) as response:
            said = response.read()

    assert said == b'{"status": "tok"}'
    assert there.asked == [("/cardly", {"card": "tok"})]
    with pytest.raises(URLError):
        urlopen(request, timeout=5)


def test_a_server_that_is_down_answers_with_its_status():
    def down(path, body):
        raise outside.Down(429)

    with outside.listening(down) as there, pytest.raises(HTTPError) as raised:
        urlopen(Request(there.url, b"{}"), timeout=5)

    assert raised.value.code == 429
    assert [body for _, body in there.asked] == [{}]


def test_patience_is_the_time_that_a_connection_waits():
    with outside.listening(lambda path, body: {}) as there, outside.patience() as waits:
        urlopen(Request(there.url, b"{}"), timeout=7).close()
        urlopen(Request(there.url, b"{}")).close()

    assert waits == [7, None]


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A module of a project that remembers in all the ways there are."""
    (tmp_path / "remembering.py").write_text(
        textwrap.dedent(
            """
            from functools import lru_cache
            from threading import Lock

            known, names, last, one_at_a_time = {"first": 1}, ["first"], None, Lock()


            class Keys:
                seen = set()


            def pay(key, paid={}):
                global last
                known[key] = paid[key] = last = key
                names.append(key)
                Keys.seen.add(key)
                Keys.latest = key
                doubled(key)
                one_at_a_time.acquire(blocking=False)
                return dict(paid)


            @lru_cache
            def doubled(key):
                return key * 2
            """
        )
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import remembering

    yield remembering, Project(tmp_path, tmp_path)
    del sys.modules["remembering"]


def test_a_process_that_begins_again_knows_what_it_knew_at_the_start(shop):
    module, project = shop
    started = memory.of(project)

    module.pay("second")
    memory.forget(started)

    assert (module.known, module.names, module.last) == ({"first": 1}, ["first"], None)
    assert module.Keys.seen == set()
    assert not hasattr(module.Keys, "latest")
    assert module.doubled.cache_info().currsize == 0
    assert not module.one_at_a_time.locked()
    assert module.pay("third") == {"third": "third"}


@pytest.fixture
def asked():
    """Runs a piece of code that asks the database, in a process of its own, and returns what it prints."""

    def run(code: str) -> str:
        settings = "settings.configure(INSTALLED_APPS=['django.contrib.sites'], SITE_ID=1, DATABASES={'default': "
        settings += "{'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}})"
        start = f"from django.conf import settings\n{settings}\nfrom workshop.exercises.probes import running, transactions\n"
        whole = start + "with transactions.database():\n" + textwrap.indent(textwrap.dedent(code), "    ")
        ran = subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True, cwd=ROOT, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    return run


INSERT = """
from django.contrib.sites.models import Site
from django.db import IntegrityError, transaction
insert = lambda: Site.objects.create(domain='shop.example')
"""


def test_what_another_commits_is_seen_between_a_look_and_a_write(asked):
    code = f"""{INSERT}
with transaction.atomic():
    print(Site.objects.filter(domain='shop.example').exists())
    transactions.beside(insert)
    print(Site.objects.filter(domain='shop.example').exists())
try:
    insert()
except IntegrityError:
    print('taken')
"""

    assert asked(code).split() == ["False", "True", "taken"]


def test_another_waits_for_what_is_not_committed_and_leaves_nothing(asked):
    code = f"""{INSERT}
with transaction.atomic():
    insert()
    try:
        transactions.beside(insert)
    except transactions.Waits:
        print('waits')
try:
    transactions.beside(insert)
except IntegrityError:
    print('taken')
print(Site.objects.filter(domain='shop.example').count())
"""

    assert asked(code).split() == ["waits", "taken", "1"]


def test_another_that_waits_for_a_lock_in_memory_is_held(asked):
    said = asked(
        """
        import threading
        transactions.SECONDS_BESIDE = 0.2
        lock = threading.Lock()
        with lock:
            try:
                transactions.beside(lambda: lock.acquire())
            except transactions.Held:
                print("held")
        """
    )

    assert said == "held\n"


def test_a_call_to_the_network_inside_a_transaction_is_found_and_one_after_it_is_not(asked, tmp_path):
    (tmp_path / "pay.py").write_text("import ask\n\n\ndef pay(port):\n    ask.ask(port)\n")
    (tmp_path / "ask.py").write_text(
        "import socket\n\n\ndef ask(port):\n    socket.create_connection(('127.0.0.1', port))\n"
    )
    code = f"""
from pathlib import Path
from django.db import transaction
from workshop.exercises.findings import Project
from workshop.exercises.findings import Project
from workshop.exercises.probes import memory, outside
import sys
folder = Path({str(tmp_path)!r})
sys.path.insert(0, str(folder))
import pay
with outside.listening(lambda path, body: None) as there, transactions.calls_in_transactions(
    Project(folder, folder), but='ask.py'
) as found:
    port = int(there.url.rpartition(':')[2])
    pay.pay(port)
    print(len(found))
    with transaction.atomic():
        pay.pay(port)
    print([finding.place for finding in found])
"""

    assert asked(code).splitlines() == ["0", "['pay.py:5']"]


def test_statements_and_the_rows_that_they_read_are_counted_with_their_line(asked, tmp_path):
    (tmp_path / "shop.py").write_text(
        "from django.contrib.sites.models import Site\n\n\n"
        "def names():\n    return [site.name for site in Site.objects.all()]\n\n\n"
        "def one_by_one():\n    return [Site.objects.get(pk=pk) for pk in Site.objects.values_list('pk', flat=True)]\n"
    )
    code = f"""
from pathlib import Path
from django.contrib.sites.models import Site
from workshop.exercises.findings import Project
from workshop.exercises.probes import queries
import sys
folder = Path({str(tmp_path)!r})
sys.path.insert(0, str(folder))
import shop
Site.objects.bulk_create(Site(domain=str(number), name='x') for number in range(2))
for call in (shop.names, shop.one_by_one):
    with queries.asked(Project(folder, folder)) as counted:
        call()
    print(len(counted.places), counted.rows, counted.busiest().place)
"""

    assert asked(code).splitlines() == ["1 3 shop.py:5", "4 6 shop.py:9"]


def test_what_a_process_had_not_committed_dies_with_it_wherever_it_stood(asked, tmp_path):
    (tmp_path / "shop.py").write_text(
        "from django.contrib.sites.models import Site\nfrom django.db import transaction\n\n\n"
        "def two():\n    with transaction.atomic():\n"
        "        Site.objects.create(domain='one')\n        Site.objects.create(domain='two')\n    print('done')\n"
    )
    code = f"""
from pathlib import Path
from django.contrib.sites.models import Site
from workshop.exercises.findings import Project
import sys
folder = Path({str(tmp_path)!r})
sys.path.insert(0, str(folder))
import shop
for at in running.at_each_line(Project(folder, folder), "shop.py", shop.two, running.crash):
    transactions.died()
    print(at.line, Site.objects.filter(domain__in=["one", "two"]).count())
    Site.objects.all().delete()
"""

    died = [tuple(map(int, line.split())) for line in asked(code).splitlines() if line != "done"]

    assert {line for line, _ in died} == {6, 7, 8, 9}
    assert [left for line, left in died if line < 9] == [0] * (len(died) - 1)
    assert died[-1] == (9, 2)
