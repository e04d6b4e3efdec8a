"""The built site, once for all tests, and a browser to look at it with."""

import json
import os
import re
from pathlib import Path

import pytest

from workshop.base.locks import locked
from workshop.maintaining.chromium import browser, program
from workshop.maintaining.site.build import build

SECONDS = 900  # the first test of each process waits for the site, which a busy machine builds in minutes


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the site. The processes of one test run build it once."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "workshop-site"
    shared.mkdir(exist_ok=True)
    with locked(shared / "lock", "The site is being built for another test.", SECONDS):
        if not (shared / "site").exists():
            for line in build(shared / "site"):
                print(line)
    return shared / "site"


@pytest.fixture(scope="session")
def data(site):
    """What a script of the Road holds, by its name."""

    def read(name):
        text = (site / "road" / "data" / f"{name}.js").read_text(encoding="utf-8")
        return json.loads(re.fullmatch(r'Data\.got\("[^"]+",(.*)\)\n', text, re.DOTALL)[1])

    return read


@pytest.fixture(scope="session")
def chromium():
    if program() is None:
        pytest.skip("There is no Chromium on this machine (Debian, Ubuntu: apt install chromium).")
    with browser() as opened:
        yield opened


class Reader:
    """Somebody who reads a folder, with the browser's complaints, and the addresses outside of it that it asked for.

    A talk also shows pages of the site, so the site is never outside.
    """

    def __init__(self, context, folder, site):
        self.context, self.site = context, folder
        self.outside, self.errors = [], []
        inside = "|".join(f"{re.escape(each.as_uri())}/" for each in (folder, site))
        context.route(re.compile(f"^(?!{inside}|data:|blob:)"), self._refuse)
        self.page = context.new_page()
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", lambda request: self.errors.append(f"could not load {request.url}"))

    def open(self, place):
        self.page.goto(f"{self.site.as_uri()}/{place}")
        return self.page

    def _refuse(self, route):
        self.outside.append(route.request.url)
        route.abort()


@pytest.fixture
def reader(chromium, site):
    """Makes a reader with a browser of their own: nothing is kept from one to the next."""
    contexts = []

    def make(width=1280, height=720, folder=site, **more):
        context = chromium.new_context(viewport={"width": width, "height": height}, **more)
        context.set_default_timeout(60_000)
        contexts.append(context)
        return Reader(context, folder, site)

    yield make
    for context in contexts:
        context.close()
