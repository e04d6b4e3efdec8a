"""A command gets no setting from a shell that is full of another project's settings."""

import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from workshop import ROOT
from workshop.base import environment
from workshop.base.stages import stage
from workshop.harness import testing

OURS = {"PATH": os.environ["PATH"], "HOME": "/people/ada", "LC_ALL": "C.UTF-8", "DB": "postgres", "NO_COLOR": "1"}
OURS |= {"WS_FROM": "/people/ada/code"}
HOSTILE = {
    "DATABASE_URL": "postgresql://ada@db.example/shop",
    "DJANGO_SETTINGS_MODULE": "shop.settings",
    "DJANGO_CONFIGURATION": "Dev",
    "DJANGO_SUPERUSER_USERNAME": "ada",
    "ALLOWED_HOSTS": "shop.example",
    "SECRET_KEY": "theirs",
    "DEBUG": "1",
    "BEHIND_PROXY": "1",
    "CELERY_BROKER_URL": "redis://mq.example",
    "CELERY_CONFIG_MODULE": "shop.celery",
    "WEBHOOKS_DELIVERY_ENGINE": "celery",
    "WEBHOOKS_ALLOW_HTTP": "0",
    "PYTHONPATH": "/shop",
    "PYTHONHOME": "/shop",
    "PYTHONSTARTUP": "/shop/rc.py",
    "PYTHONSAFEPATH": "1",
    "PYTHONWARNINGS": "error",
    "PYTHONOPTIMIZE": "2",
    "VIRTUAL_ENV": "/shop/.venv",
    "CONDA_PREFIX": "/conda",
    "PIP_USER": "1",
    "PIP_TARGET": "/shop/lib",
    "PIP_CONSTRAINT": "/shop/pins",
    "PIP_NO_BINARY": ":all:",
    "PYTEST_ADDOPTS": "--no-such-option",
    "PYTEST_PLUGINS": "shop.plugin",
    "COVERAGE_PROCESS_START": "/shop/rc",
    "HYPOTHESIS_PROFILE": "shop",
    "GIT_DIR": "/shop/.git",
    "GIT_INDEX_FILE": "/shop/index",
    "GIT_WORK_TREE": "/shop",
    "HTTP_PROXY": "http://proxy.example",
    "https_proxy": "http://proxy.example",
    "ALL_PROXY": "socks5://p.example",
    "PGOPTIONS": "-c search_path=shop",
    "PGHOST": "db.example",
    "MAKEFLAGS": "-n",
    "BASH_ENV": "/shop/rc.sh",
    "PY_COLORS": "1",
    "LD_PRELOAD": "",
    "MYPYPATH": "/shop",
    "RUFF_CONFIG": "/shop/ruff.toml",
}


def test_a_command_starts_with_what_it_needs_and_nothing_of_another_project():
    assert environment.made(OURS | HOSTILE) == OURS


def test_a_path_that_is_typed_for_ws_starts_in_the_folder_in_which_it_was_typed(tmp_path):
    (tmp_path / "code" / "shop").mkdir(parents=True)
    for there, typed in ((tmp_path / "code", "shop"), (tmp_path / "code" / "shop", ".")):
        done = subprocess.run([ROOT / "ws", "signs", typed], cwd=there, capture_output=True, text=True)

        assert done.stdout.startswith("shop · 0 lines"), done.stderr


def test_every_variable_that_the_pages_and_commands_name_gets_through():
    commands = (ROOT / "workshop").rglob("*.py")
    named = {name for file in commands for name in re.findall(r'envvar="([A-Z_]+)"', file.read_text())}
    named |= set(re.findall(r"\b([A-Z_]{2,})=", (ROOT / "Makefile").read_text()))

    named |= {"TEST_POSTGRES_URL", "WHEELS", "WS_WORK", "WS_WALK"}
    of_make_alone = {"BEYOND_TEST", "FILES", "PATHS"}
    assert {name for name in named if environment.made({name: "x"}) != {name: "x"}} <= of_make_alone
    assert {"DB", "STAGE", "SEED", "MINUTES", "ONCE", "PYTHON"} <= named


@pytest.mark.parametrize("module", ["workshop.__main__", "workshop.base.setup"])
def test_the_environment_is_made_before_a_command_does_anything(module, tmp_path):
    probe = (
        f"import os, sys; import {module} as command\n"
        "def show(*_, **__): print(*sorted(os.environ), sep='\\n'); sys.exit(0)\n"
        "command.cli = command.make = command._another_python_was_named = show\n"
        "sys.argv = ['it']; command.main()\n"
    )
    shell = OURS | {name: value for name, value in HOSTILE.items() if not name.startswith("PYTHON")}
    (tmp_path / "workshop").symlink_to(ROOT / "workshop")

    done = subprocess.run([sys.executable, "-c", probe], cwd=tmp_path, env=shell, capture_output=True, text=True)

    assert set(done.stdout.split()) - {"LC_CTYPE"} == set(OURS), done.stderr


def test_python_is_started_deaf_to_its_own_variables():
    makefile, ws = (ROOT / "Makefile").read_text(), (ROOT / "ws").read_text()

    calls = re.findall(r'(?:\.venv/bin/python|"\$\$?python")(?! -E) \S+', makefile + ws)
    assert calls == []


def test_another_projects_settings_of_python_break_no_command(tmp_path):
    (tmp_path / "click.py").write_text("raise SystemExit('another click')\n")
    shell = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
    shell |= dict.fromkeys(["PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH"], str(tmp_path))

    done = subprocess.run(["sh", ROOT / "ws", "--help"], env=shell, capture_output=True, text=True)

    assert "Usage: ./ws" in done.stdout, done.stderr


def test_a_run_of_tests_gets_no_option_of_another_project(tmp_path, monkeypatch):
    for name in ("PYTEST_ADDOPTS", "DJANGO_SETTINGS_MODULE", "DATABASE_URL"):
        monkeypatch.setenv(name, HOSTILE[name])
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_toy.py").write_text("import os\ndef test_one(): assert 'DATABASE_URL' not in os.environ\n")

    outcome = testing.execute(testing.Run("toy", ["-q", "-p", "no:cacheprovider", "test_toy.py"], tmp_path))

    assert outcome.is_green


def test_a_stages_own_tests_use_a_database_with_a_unique_name(monkeypatch):
    monkeypatch.setattr(testing, "POSTGRES", "postgresql://ada:secret@127.0.0.1:5433/shop?sslmode=disable")

    own, _ = testing.stage_runs(stage("before"), "postgres")

    url = urlsplit(own.environment["DATABASE_URL"])
    assert re.fullmatch(r"/workshop_[0-9a-f]{12}", url.path)
    assert (url.netloc, url.query) == ("ada:secret@127.0.0.1:5433", "sslmode=disable")


# The settings for pip


@pytest.fixture
def settings(tmp_path):
    """pip's settings in a shell with these variables and this pip.conf."""

    def of(pip_conf="", **shell):
        file = tmp_path / "pip.conf"
        file.write_text(pip_conf)
        shell = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PIP_CONFIG_FILE": str(file)} | shell
        return environment.for_packages(sys.executable, shell)

    return of


def test_pip_keeps_its_settings_for_the_source_of_packages(settings):
    conf = "[global]\nindex-url = https://index.example/simple\ntimeout = 7\n[install]\nfind-links =\n  /a\n  /b\n"

    heard = settings(conf, PIP_TIMEOUT="9", HTTPS_PROXY="http://proxy.example", SSL_CERT_FILE="/ca.pem")

    assert heard["PIP_INDEX_URL"] == "https://index.example/simple"
    assert heard["PIP_FIND_LINKS"].split() == ["/a", "/b"]
    assert heard["PIP_TIMEOUT"] == "9"
    assert (heard["HTTPS_PROXY"], heard["SSL_CERT_FILE"]) == ("http://proxy.example", "/ca.pem")


def test_pip_gets_no_destination_for_packages(settings):
    conf = "[install]\nuser = true\ntarget = /shop\nprefix = /shop\n[global]\nconstraint = /pins\nno-binary = :all:\n"

    heard = settings(conf, PIP_USER="1", PIP_TARGET="/shop", PIP_ROOT="/shop", DATABASE_URL="x", PYTHONPATH="/shop")

    assert {name for name in heard if name.startswith("PIP_")} == {"PIP_CONFIG_FILE"}
    assert heard["PIP_CONFIG_FILE"] == os.devnull
    assert not {"DATABASE_URL", "PYTHONPATH"} & set(heard)
