"""Every stage plays the same histories and gives the same account of them."""

import json

import pytest
from budget import HISTORIES, SEED, chosen_stages
from histories import histories
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as hypothesis_seed
from hypothesis.errors import FlakyFailure
from players import Company, Different, company

from workshop.base.files import write

PARTS = 2  # for the two cores of `-n 2`
ENOUGH = 500  # histories of all parts together, after which everything below must have come up

REACHED = {
    "an answer of": ["201 Created", "202 Accepted", "204 No Content", "400 Bad", "401 Un", "404 Not", "405 Method",
                     "409 Conflict", "413 ", "415 Unsupported", "422 Unprocessable", "302 Found"],
    "a delivery that is": ["pending", "delivered", "dead", "skipped", "cancelled"],
    "an attempt that ended with": ["connect", "tls", "address_refused", "redirect", "too_large", "bad_status",
                                   "not_acknowledged", "interrupted"],
    "a client disabled as": ["operator", "client", "gone", "failing"],
    "a header": ["Idempotent-Replayed: true", "webhook-skipped: below_threshold"],
    "a log line": ["event_accepted", "attempt", "interrupted", "render_failed", "secret_rotated", "client_deleted"],
    "a body of": ["cloudevents+json", "application/xml", "text/csv", "x-www-form-urlencoded", "mrkdwn"],
}  # fmt: skip


@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_every_stage_gives_the_same_account_of_every_history(part, together):
    here = [stage.folder for stage in chosen_stages()]
    assert len(here) > 1, "there is nothing to compare"
    missing = {text for texts in REACHED.values() for text in texts}

    with company(here) as all_stages:
        play(all_stages, HISTORIES // PARTS, SEED * PARTS + part, missing)

    print(f"{all_stages.histories} histories of {all_stages.steps} steps, SEED={SEED}")
    assert all_stages.histories >= HISTORIES // PARTS
    write(together / f"{part}.json", json.dumps({"histories": all_stages.histories, "missing": sorted(missing)}))
    ended = [json.loads(file.read_text()) for file in together.glob("*.json")]
    if len(ended) == PARTS and sum(each["histories"] for each in ended) >= ENOUGH:
        never = set.intersection(*(set(each["missing"]) for each in ended))
        assert not never, f"the histories never came to {sorted(never)}"


@pytest.fixture
def together(tmp_path_factory, worker_id):
    """A folder that all parts of this run share, each in its own process."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "parts"
    folder.mkdir(exist_ok=True)
    return folder


def play(players: Company, count: int, seed: int, missing: set[str]) -> None:
    """Plays a number of histories; fails with the shortest history whose accounts differ."""

    @hypothesis_seed(seed)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(histories())
    def each(history):
        account = players.compare(history)
        missing.difference_update([text for text in missing if text.encode() in account])

    try:
        each()
    except Different as difference:
        pytest.fail(f"HISTORIES={HISTORIES} SEED={SEED}\n{difference}", pytrace=False)
    except FlakyFailure as flaky:
        differences = "\n".join(str(exception) for exception in flaky.exceptions if isinstance(exception, Different))
        pytest.fail(f"HISTORIES={HISTORIES} SEED={SEED}\nNot every time:\n{differences or flaky}", pytrace=False)
