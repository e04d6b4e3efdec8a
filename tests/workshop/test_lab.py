"""The lab in a browser, with both servers behind it: what people do with it, and what must not be possible."""

import json
import os
import re
import signal
import subprocess
from urllib.parse import urlsplit

import pytest
import requests

from workshop import ROOT
from workshop.base import setup
from workshop.harness.clients import CLIENTS
from workshop.maintaining.chromium import browser, program

SECONDS = 90
SCRIPT = """
import sys
from workshop.base.stages import stage
from workshop.demo import run
from workshop.harness.clients import events
run.read_events = lambda: events()[:2]
run.RECORDING = run.Path(sys.argv[1])
sys.exit(run.main([stage("before"), stage("after")], once=False))
"""


@pytest.fixture(scope="module")
def chromium():
    if program() is None:
        pytest.skip("There is no Chromium on this machine (Debian, Ubuntu: apt install chromium).")
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def place_of_recording(tmp_path_factory):
    return tmp_path_factory.mktemp("recorded") / "recording.html"


@pytest.fixture(scope="module")
def address(place_of_recording):
    """The lab's address, of a demo with two events. At the end the demo must end by Ctrl-C."""
    command = [str(setup.interpreter()), "-c", SCRIPT, str(place_of_recording)]
    quiet = os.environ | {"NO_COLOR": "1", "COLUMNS": "200"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=quiet, **pipes) as demo:
        try:
            found = next((line for line in demo.stdout if re.match(r" +Lab +http", line)), None)
            assert found, "the demo has ended"
            yield found.split()[1]
        finally:
            demo.send_signal(signal.SIGINT)
            said, _ = demo.communicate(timeout=60)
        assert demo.returncode == 0, said
        assert place_of_recording.exists()


class Person:
    """Somebody in front of the lab. What the browser complains about is kept in `errors`."""

    def __init__(self, context, address):
        self.errors = []
        self.page = context.new_page()
        self.page.set_default_timeout(SECONDS * 1000)
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.errors.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.goto(address)
        self.page.locator("#rows tr").first.wait_for()

    def open(self, tab):
        self.page.locator(".tabs button", has_text=tab).click()

    def post(self, example="An ordinary payment", outcome="accepted"):
        """Posts an example; returns the number of the event."""
        before = self.page.locator("#detail-title").inner_text()
        self.open("Post an event")
        self.page.select_option("#example", "A payout")  # so that the choice below is a change
        self.page.select_option("#example", example)
        self.page.get_by_role("button", name="Post to both servers").click()
        title = self.page.locator("#detail-title", has_text=re.compile(rf"^Event \d+: {outcome}$"))
        title.and_(self.page.locator("#detail-title", has_not_text=before)).wait_for()
        return int(re.search(r"\d+", title.inner_text())[0])

    def client(self, slug):
        self.open("A client")
        self.page.select_option("#slug", slug)

    def behaves(self, slug, conduct):
        self.client(slug)
        button = self.page.locator(f'[data-conduct="{conduct}"]')
        button.click()
        self.page.locator(f'[data-conduct="{conduct}"][aria-pressed="true"]').wait_for()

    def cell(self, event, slug, words=""):
        """The cell, once it shows these words."""
        found = self.page.locator(f'button[aria-label^="Event {event}, {slug}: {words}"]')
        found.wait_for()
        return found

    def look(self, event, slug, words=""):
        self.cell(event, slug, words).click()
        self.page.locator("#detail-title", has_text=f"Event {event} for {slug}").wait_for()

    def sees(self, words, where="#shown"):
        self.page.locator(where, has_text=words).first.wait_for()

    def hears(self, words):
        """Waits until these words are in "What happened"."""
        self.open("What happened")
        self.sees(words, "#story li")

    def counts(self, what, number):
        from playwright.sync_api import expect

        expect(self.page.locator(what)).to_have_count(number, timeout=SECONDS * 1000)

    def moves_clock(self, words):
        self.open("Clock and workers")
        self.page.locator("#moves button", has_text=words).click()


@pytest.fixture
def somebody(chromium, address):
    """Makes people, each with a browser of their own."""
    contexts = []

    def make(at=address, width=1280, height=720, **more):
        context = chromium.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        return Person(context, at)

    yield make
    for context in contexts:
        context.close()


def test_an_event_is_posted_and_seen_from_both_servers(somebody):
    ada = somebody()

    event = ada.post()
    ada.look(event, "limmat-bank", "delivered, the same")

    ada.sees("The same from both servers, byte for byte.")
    ada.sees("each server gives the event an id of its own")
    assert ada.page.locator("#shown pre").all_inner_texts()[0].count('<Amount ccy="EUR">1250.10</Amount>') == 1
    assert ada.page.locator("#shown b.good").all_inner_texts() == ["Signature valid"] * 2
    ada.page.get_by_role("button", name="bytes").click()
    ada.sees("00000  3c 3f 78 6d 6c 20")
    assert ada.errors == []


def test_a_client_breaks_and_is_repaired(somebody):
    ada = somebody()

    ada.behaves("kiosco-sol", "500")
    event = ada.post()
    ada.look(event, "kiosco-sol", "on its way or waiting")
    ada.sees("bad_status")
    ada.behaves("kiosco-sol", "usual")
    ada.page.get_by_role("button", name="Make it due now").click()

    ada.cell(event, "kiosco-sol", "delivered, the same")
    ada.page.get_by_role("button", name="Send it again").wait_for()
    assert not ada.page.get_by_role("button", name="Make it due now").is_visible()
    assert ada.errors == []


@pytest.mark.parametrize(
    ("conduct", "outcome"), [("wrong-ack", "not_acknowledged"), ("hangs-up", "connect"), ("103-first", "acknowledged")]
)
def test_each_server_names_the_same_outcome_for_a_strange_answer(somebody, conduct, outcome):
    ada = somebody()

    ada.behaves("himal-travel", conduct)
    event = ada.post()
    ada.look(event, "himal-travel")

    for side in ("before/", "after/"):
        ada.sees(re.compile(rf"{side}\s*\+[^+]*{outcome}"), ".timeline tbody tr")
    ada.behaves("himal-travel", "usual")


def test_a_worker_is_killed_in_an_attempt_and_another_takes_over(somebody):
    ada = somebody()
    ada.behaves("contas-claras", "hangs")
    event = ada.post()
    ada.look(event, "contas-claras", "on its way or waiting")
    for side in ("before/", "after/"):  # the request is there and the attempt is not recorded
        ada.sees(re.compile(f"{side}.*no answer: it hangs"), ".timeline tbody tr")

    ada.open("Clock and workers")
    kills = ada.page.locator("#workers button")
    for left in range(kills.count(), 0, -1):
        kills.first.click()
        ada.counts("#workers button", left - 1)
    ada.behaves("contas-claras", "usual")
    ada.open("Clock and workers")
    for start in ada.page.locator("#starts button").all():
        start.click()
    ada.counts("#workers button", 2)
    ada.moves_clock("91 s, a lease")
    ada.hears("The clock moved forward by 91 s")

    ada.look(event, "contas-claras")
    for side in ("before/", "after/"):
        ada.sees(re.compile(f"{side}.*interrupted"), ".timeline tbody tr")
    ada.moves_clock("10 s")  # if the next attempt waits for its turn
    ada.cell(event, "contas-claras", "delivered, the same")
    assert ada.errors == []


def test_a_client_without_the_new_secret_refuses_until_it_gets_it(somebody):
    ada = somebody()
    ada.client("aotea-cloud")
    ada.page.select_option("#overlap", "0")
    ada.page.locator("#learns").uncheck()
    ada.page.locator("#rotate").click()
    ada.hears("aotea-cloud was rotated")

    event = ada.post()
    ada.look(event, "aotea-cloud", "on its way or waiting")
    ada.sees("Signature invalid: No matching signature found")
    ada.client("aotea-cloud")
    ada.page.locator("#learn").click()
    ada.moves_clock("10 s")

    ada.look(event, "aotea-cloud", "delivered, the same")
    ada.sees("Signature valid")


def test_during_the_overlap_both_secrets_sign(somebody):
    ada = somebody()
    ada.client("kedai-kopi")
    ada.page.locator("#rotate").click()
    ada.hears("kedai-kopi was rotated")

    event = ada.post()
    ada.look(event, "kedai-kopi", "delivered, the same")

    ada.sees("Signature valid. Signatures in the header: 2")


def test_options_are_previewed_changed_and_refused(somebody):
    ada = somebody()
    ada.client("nordlys-books")

    ada.page.locator("#options").fill('{"mask": ["customer.name"]}')
    ada.page.locator("#save-options").click()
    ada.sees("New options of nordlys-books", "#detail-title")
    ada.sees("Both servers gave the same answer. Not compared: its address at the receiver")
    ada.page.locator("#preview").click()
    ada.sees("Preview for nordlys-books", "#detail-title")
    assert [
        json.loads(text)["data"]["customer"]["name"] for text in ada.page.locator("#shown pre").all_inner_texts()
    ] == ["Z*** M***"] * 2
    ada.page.locator("#options").fill('{"mask": ["customer.shoe"]}')
    ada.page.locator("#save-options").click()

    ada.sees("422 application/problem+json")
    ada.sees("/format/options/mask/0")
    ada.page.locator("#options").fill("{")
    ada.page.locator("#save-options").click()
    ada.sees("options: this is not JSON", "#error")


def test_a_key_that_is_used_again_makes_no_new_event(somebody):
    ada = somebody()
    ada.page.locator("#key").fill("order-1001")

    first = ada.post()
    ada.page.get_by_role("button", name="Post to both servers").click()

    ada.sees(f"the same as event {first}: its key was used again", f'[data-event="{first + 1}"]')


def test_a_refusal_is_shown_from_both_servers(somebody):
    ada = somebody()

    event = ada.post("Refused: three members are wrong", "refused")

    ada.sees("Both servers gave the same answer, byte for byte.")
    shown = ada.page.locator(".sides pre").all_inner_texts()
    assert len(shown) == 2 and shown[0] == shown[1]
    pointers = {error["pointer"] for error in json.loads(shown[0])["errors"]}
    assert pointers == {"/data/amount", "/data/status", "/data/colour"}
    ada.sees("refused", f'[data-event="{event}"]')


def test_a_body_that_is_not_json_is_shown_as_it_was_posted(somebody):
    ada = somebody()
    ada.open("Post an event")

    ada.page.locator("#body").fill('{not json, "a" :1')
    ada.page.get_by_role("button", name="Post to both servers").click()

    ada.page.locator("#detail-title", has_text=re.compile(r"^Event \d+: refused$")).wait_for()
    assert ada.page.locator("#shown .posted").inner_text() == '{not json, "a" :1'


@pytest.mark.parametrize(
    ("example", "outcome"),
    [("Markup in the texts", "accepted"), ("Right to left, emoji", "accepted"), ("Refused: 10 kB of text", "refused")],
)
def test_a_hostile_event_is_shown_as_text(somebody, example, outcome):
    ada = somebody()

    event = ada.post(example, outcome)
    if outcome == "accepted":
        for slug in ("nordlys-books", "limmat-bank", "contas-claras"):
            ada.look(event, slug, "delivered, the same")
            for mode in ("as sent", "bytes", "readable"):
                ada.page.get_by_role("button", name=mode).click()
        ada.look(event, "kiosco-sol", "delivered, the same")
        if example.startswith("Markup"):
            ada.sees('</pre><script>document.title=\\"pwned\\"</script>')
        else:
            ada.sees("U+202E")
    ada.page.locator(f'[data-event="{event}"] .event').click()

    assert ada.page.title() == "The lab: one event, both servers"
    assert ada.page.locator("#rows script, #shown script, #rows img, #shown img, #rows b b, #shown p p").count() == 0
    assert ada.page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert ada.errors == []


def test_two_browsers_see_the_same(somebody):
    ada, ben = somebody(), somebody(color_scheme="dark")

    event = ada.post()
    ada.cell(event, "kedai-kopi", "delivered, the same")

    ben.look(event, "kedai-kopi", "delivered, the same")
    ben.sees("The same from both servers, byte for byte.")
    ben.behaves("ops-channel", "hangs-up")
    ada.hears("ops-channel now: hangs up")
    ben.behaves("ops-channel", "usual")
    assert ada.errors == ben.errors == []


def test_a_cell_without_a_delivery_says_why_from_the_start(somebody):
    ada = somebody()

    event = ada.post("A payout")

    subscribers = ada.page.locator(f'[data-event="{event}"] button.cell')
    assert ada.page.locator(f'[data-event="{event}"] .absent').first.get_attribute("title").endswith("not subscribed")
    assert subscribers.count() + ada.page.locator(f'[data-event="{event}"] .absent').count() == len(CLIENTS)
    assert ada.page.locator(".legend li").last.inner_text() == "· not subscribed, or disabled"
    assert ada.errors == []


def test_events_are_filtered(somebody):
    ada = somebody()
    event = ada.post("Three decimals: KWD")

    ada.page.locator("#filter").fill("1250.125")

    ada.counts("#rows tr", 1)
    assert ada.page.locator("#rows tr").get_attribute("data-event") == str(event)


def test_on_a_telephone_the_detail_has_a_way_back_and_its_headers_fit(somebody):
    ada = somebody(width=390, height=844)
    event = ada.post()
    ada.look(event, "limmat-bank", "delivered, the same")

    ada.page.locator("#shown .headers").wait_for()
    assert ada.page.locator("#shown .headers").evaluate("table => table.scrollWidth <= table.parentElement.clientWidth")
    ada.page.get_by_role("button", name="Back to the table").click()

    ada.page.wait_for_function("document.activeElement.matches('#rows button.cell')")
    assert 0 <= ada.page.locator("#events-title").bounding_box()["y"] < 844


def test_a_page_says_that_the_demo_has_ended(somebody):
    ada = somebody()
    event = ada.post()
    ada.look(event, "limmat-bank", "delivered, the same")

    # The server's last message, which this browser gets early.
    ada.page.evaluate("stream.dispatchEvent(new Event('end'))")

    ada.sees("The demo has ended. The run is in var/demo/recording.html.", "#state")
    ada.counts("#controls :is(button, input, select, textarea):not(:disabled)", 0)
    assert not ada.page.locator("#save").is_visible()
    assert not ada.page.get_by_role("button", name="Send it again").is_visible()
    ada.page.locator(f'[data-event="{event}"] .event').click()
    ada.page.locator("#detail-title", has_text=f"Event {event}: accepted").wait_for()
    assert ada.errors == []


def test_a_page_that_loses_its_server_ends_too(somebody):
    ada = somebody()

    ada.page.evaluate("for (let count = 0; count < 4; count += 1) stream.dispatchEvent(new Event('error'))")

    ada.sees("The demo has ended.", "#state")


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_every_screen(somebody, width, height, theme):
    ada = somebody(width=width, height=height, color_scheme=theme)

    ada.page.locator("#rows button.cell").first.click()
    ada.page.locator("#detail-title", has_text=" for ").wait_for()

    assert ada.page.evaluate("document.documentElement.scrollWidth") <= width
    box = ada.page.locator("#detail-title").bounding_box()
    assert 0 <= box["y"] < height
    assert ada.errors == []


def test_a_saved_run_is_replayed_without_a_server(somebody, tmp_path):
    ada = somebody()
    event = ada.post("Markup in the texts")
    ada.cell(event, "contas-claras", "delivered, the same")
    with ada.page.expect_download() as downloading:
        ada.page.locator("#save").click()
    file = tmp_path / "run.html"
    downloading.value.save_as(file)

    ben = somebody(file.as_uri(), offline=True)
    ben.look(event, "contas-claras", "delivered, the same")
    ben.sees("The same from both servers, byte for byte.")
    steps = int(ben.page.locator("#place").get_attribute("max"))
    for _ in range(3):
        ben.page.locator("#back").click()
    ben.sees(f"{steps - 3} of {steps}", "#where")
    ben.page.locator("#place").fill("1")
    ben.counts("#rows tr", 0)
    ben.page.locator("#place").fill(str(steps))
    ben.cell(event, "contas-claras", "delivered, the same")

    assert not ben.page.get_by_role("button", name="Post to both servers").is_visible()
    assert ben.errors == []
    page = file.read_text(encoding="utf-8")
    assert "whsec_" not in page and "whk_" not in page
    assert urlsplit(ada.page.url).query.removeprefix("token=") not in page


def test_a_saved_run_is_a_slide_in_a_frame(somebody, tmp_path):
    ada = somebody()
    with ada.page.expect_download() as downloading:
        ada.page.locator("#save").click()
    downloading.value.save_as(tmp_path / "run.html")
    slide = tmp_path / "slides.html"
    slide.write_text(
        '<!doctype html><title>Slides</title><iframe src="run.html#play" width="1000" height="600"></iframe>'
    )

    ada.page.goto(slide.as_uri())

    ada.page.frame_locator("iframe").locator("#rows tr").first.wait_for()
    ada.page.frame_locator("iframe").get_by_role("button", name="Pause").wait_for()


def test_a_page_with_the_wrong_token_or_of_another_site_gets_nothing(address, chromium, tmp_path):
    right = urlsplit(address)
    do = f"http://{right.netloc}/lab/do?{right.query}"
    page = tmp_path / "evil.html"
    page.write_text(f"""<!doctype html><title>waiting</title><script>
      fetch({json.dumps(do)}, {{method: "POST", mode: "no-cors", body: '{{"do":"move","seconds":60}}'}})
        .then(() => {{ document.title = "sent" }}, () => {{ document.title = "failed" }});
    </script>""")

    wrong = requests.get(address + "x", timeout=SECONDS)
    ahead = requests.get(f"http://{right.netloc}/lab/recording.html?{right.query}", timeout=SECONDS).text.count(
        '"by": 60'
    )
    context = chromium.new_context()
    visitor = context.new_page()
    visitor.goto(page.as_uri())
    visitor.wait_for_function("document.title !== 'waiting'")
    context.close()

    assert (wrong.status_code, "token is wrong" in wrong.text) == (403, True)
    after = requests.get(f"http://{right.netloc}/lab/recording.html?{right.query}", timeout=SECONDS).text.count(
        '"by": 60'
    )
    assert ahead == after
