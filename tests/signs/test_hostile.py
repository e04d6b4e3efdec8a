"""Input that means harm, or only bad luck, ends with a report or a sentence."""

import os

import pytest

from django_signs import command
from django_signs.command import examine, main
from django_signs.options import Options

TOO_EARLY = "from django.db import transaction\n\n@transaction.atomic\ndef pay(order):\n    tell.delay(order)\n"


def put(folder, path, data):
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"def pay(:\n", "does not parse"),
        (b"x = 1\0\n", "does not parse"),
        (b"x = " + b"(" * 5000 + b")" * 5000, "does not parse"),
        (b"x = " + b"-" * 50_000 + b"1", "does not parse"),
        (b"x = 1\n" * 900_000, "over 500 kB"),
        (b"x = f(1, y=[2, 3])\n" * 27_000, "over 500 kB"),
    ],
    ids=["syntax error", "null byte", "brackets", "signs", "5 MB", "dense"],
)
def test_a_file_that_cannot_be_read_is_named_and_the_others_are_read(tmp_path, data, reason):
    put(tmp_path, "shop/bad.py", data)
    put(tmp_path, "shop/pay.py", TOO_EARLY.encode())

    report = examine(tmp_path, Options())

    assert reason in report.project.unread.reasons["shop/bad.py"]
    assert [finding.sign for finding in report.findings] == ["world-in-transaction"]


@pytest.mark.parametrize(
    "data",
    [
        b"# -*- coding: latin-1 -*-\nNAME = '\xe9'\n" + TOO_EARLY.encode(),
        b"NAME = '\xe9'\n" + TOO_EARLY.encode(),
        b"\xef\xbb\xbf" + TOO_EARLY.encode(),
        TOO_EARLY.replace("\n", "\r\n").encode(),
    ],
    ids=["declared Latin-1", "undeclared Latin-1", "byte order mark", "Windows line ends"],
)
def test_an_encoding_does_not_hide_a_finding(tmp_path, data):
    put(tmp_path, "shop/pay.py", data)

    assert [finding.sign for finding in examine(tmp_path, Options()).findings] == ["world-in-transaction"]


def test_a_circle_of_links_ends(tmp_path):
    put(tmp_path, "shop/pay.py", TOO_EARLY.encode())
    (tmp_path / "shop" / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "shop" / "gone.py").symlink_to(tmp_path / "nowhere.py")

    assert len(examine(tmp_path, Options()).findings) == 1


def test_a_long_chain_of_calls_ends(tmp_path):
    put(tmp_path, "shop/chain.py", b"x = a" + b".f()" * 20_000)
    put(tmp_path, "shop/pay.py", TOO_EARLY.encode())

    assert len(examine(tmp_path, Options()).findings) == 1


def test_names_that_lead_in_a_circle_end(tmp_path):
    put(tmp_path, "shop/__init__.py", b"from .one import thing\n")
    put(tmp_path, "shop/one.py", b"from .two import thing\nfrom .two import *\n")
    put(tmp_path, "shop/two.py", b"from .one import thing\nfrom shop import thing as other\nfrom .one import *\n")
    put(tmp_path, "shop/models.py", b"from .one import thing\nclass A(B, thing): ...\nclass B(A): ...\n")
    put(
        tmp_path,
        "shop/pay.py",
        b"from .one import thing\n\ndef pay(x):\n    x = y = x\n    y = x.f()\n    y.save()\n    thing()\n",
    )

    assert examine(tmp_path, Options()).findings == []


def test_ten_thousand_files_are_read(tmp_path):
    for number in range(100):
        folder = tmp_path / f"app{number}"
        folder.mkdir()
        for name in range(100):
            (folder / f"m{name}.py").write_text("x = 1\n")

    assert examine(tmp_path, Options()).project.lines == 10_000


@pytest.mark.parametrize("name", ["nothing here", "a file", "a loop"])
def test_a_path_that_is_no_folder_ends_with_a_sentence(tmp_path, name, capsys):
    (tmp_path / "a file").write_text("x = 1\n")
    os.symlink(tmp_path / "a loop", tmp_path / "a loop")

    assert main([str(tmp_path / name)]) == 2
    assert str(tmp_path / name) in capsys.readouterr().err


@pytest.mark.parametrize("name", ["a folder", "nowhere/known.json"])
def test_a_baseline_that_cannot_be_written_ends_with_a_sentence(tmp_path, name, capsys):
    (tmp_path / "a folder").mkdir()
    put(tmp_path, "mine/pay.py", TOO_EARLY.encode())

    assert main([str(tmp_path / "mine"), "--write-baseline", str(tmp_path / name)]) == 2
    assert f"{tmp_path / name} cannot be written: " in capsys.readouterr().err


def test_ctrl_c_ends_it_without_a_traceback(tmp_path, monkeypatch, capsys):
    def read_for_ever(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "load", read_for_ever)

    assert main([str(tmp_path)]) == 130
    assert capsys.readouterr().err == ""


def test_an_empty_folder_ends_with_a_sentence(tmp_path, capsys):
    assert main([str(tmp_path)]) == 0
    assert "no Python code was found here" in capsys.readouterr().out


@pytest.mark.parametrize(
    "code",
    [
        "def f(x):\n    try:\n        return x\n    except KeyError, ValueError:\n        return 1\n",
        "class Box[T]:\n    pass\n",
        "def first[T: (int, str), K: dict[str, int]](items: list[T]) -> T:\n    return items[0]\n",
        "type Pair[T] = tuple[T, T]\n",
    ],
    ids=["except without brackets", "class with a type", "function with types", "type"],
)
def test_code_for_a_newer_python_is_read(tmp_path, code):
    put(tmp_path, "shop/pay.py", (code + TOO_EARLY).encode())

    report = examine(tmp_path, Options())

    assert report.project.unread.reasons == {}
    assert [finding.sign for finding in report.findings] == ["world-in-transaction"]
