"""The labelled corpus is well formed; measuring it again needs checkouts of the projects."""

from corpus import measure

from django_signs.texts import TEXTS


def test_each_verdict_is_about_a_known_project_and_sign():
    names = {project.name for project in measure.projects()}

    for verdict in measure.verdicts():
        assert verdict.project in names
        assert verdict.sign in TEXTS
        assert verdict.verdict in measure.VERDICTS
        assert verdict.note


def test_each_project_is_named_with_its_whole_commit():
    assert all(len(project.commit) == 40 for project in measure.projects())


def test_a_missing_checkout_is_named_and_left_out(tmp_path):
    lines = list(measure.table(tmp_path))

    assert sum("no checkout at" in line for line in lines) == len(measure.projects())


def test_a_sample_is_the_same_for_the_same_seed_and_not_more_than_half_of_one_project(small):
    for number in range(30):
        text = "from django.db import transaction\n\n@transaction.atomic\ndef f(x):\n    tell.delay(x)\n"
        small.write(f"shop/m{number}.py", text)
    findings = {name: small.report().findings for name in ("one", "two", "three")}

    first, second = measure.drawn(findings), measure.drawn(findings)

    chosen = [(project, one.fingerprint) for project, one in first["world-in-transaction"]]
    assert chosen == [(project, one.fingerprint) for project, one in second["world-in-transaction"]]
    assert len(chosen) == measure.DRAWN
    assert max(sum(name == project for name, _ in chosen) for project in findings) <= measure.DRAWN // 2
