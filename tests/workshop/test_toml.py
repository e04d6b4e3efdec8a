"""A TOML file read into dataclasses: which value arrives, and which one is refused with its file and place."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from workshop import ROOT
from workshop.base import toml
from workshop.base.problems import CommandFailed
from workshop.base.toml import Count, Table, Verbatim

NO_CODE = Verbatim("")


@dataclass(frozen=True)
class Crate:
    """The keys of a parcel of the kind `crate`."""

    weight: Count
    is_: bool = False


@dataclass(frozen=True)
class Parcel:
    """A parcel, and the keys of its kind."""

    kind: str
    keys: Table


@dataclass(frozen=True)
class Letter:
    """A letter with all that it may hold."""

    sender: str
    text: str = ""
    code: Verbatim = NO_CODE
    photo: Path | None = None
    parcels: tuple[Parcel, ...] = ()
    first: Parcel | None = None

    def __post_init__(self):
        if self.text == self.sender:
            raise ValueError("text: is the sender")


@pytest.fixture
def read(tmp_path):
    def written(text):
        file = tmp_path / "post" / "letter.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        return toml.read(Letter, file, sender="me")

    return written


def test_a_text_loses_the_white_space_around_it_and_a_verbatim_one_keeps_it(read):
    letter = read('text = "  a  "\ncode = "  a  "')

    assert (letter.text, letter.code) == ("a", "  a  ")


def test_a_key_that_is_left_out_has_its_default(read):
    assert read("") == Letter("me")


def test_a_path_is_found_next_to_the_file_and_from_the_top_of_the_repository(read):
    assert read('photo = "letter.toml"').photo.parent.name == "post"
    assert read('photo = "docs/tour.md"').photo == ROOT / "docs" / "tour.md"


def test_the_keys_of_a_kind_are_read_when_the_kind_is_known(read):
    letter = read('first = { kind = "crate", weight = 0, is = true }')

    assert letter.first.kind == "crate"
    assert letter.first.keys.read(Crate) == Crate(0, True)


def test_keys_that_are_read_later_are_refused_with_their_place(read):
    letter = read('[[parcels]]\nkind = "crate"\nweight = 1\n[[parcels]]\nkind = "crate"\nweight = -1')

    with pytest.raises(
        CommandFailed, match=r"^post/letter\.toml: parcels\[2\]\.weight: must be a whole number from zero"
    ):
        letter.parcels[1].keys.read(Crate)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("parcels = [{ weight = 1 }]", "parcels[1].kind: is missing; it is a text that is not empty"),
        ("parcels = [1]", "parcels[1]: must be a table, and is 1"),
        ("parcels = 1", "parcels: must be a list ([] if it is empty), and is 1"),
        ("first = 1", "first: must be a table, and is 1"),
        ("code = 1", "code: must be a text, and is 1"),
        ('photo = "none.png"', "photo: must be the path of a file, from this folder or from the top of the repository"),
        ('text = "me"', "text: is the sender"),
        ('sender = "you"', "sender: is not a known key"),
    ],
)
def test_a_wrong_value_is_refused_with_its_file_and_place(read, text, problem):
    with pytest.raises(CommandFailed) as failed:
        read(text)

    assert str(failed.value).startswith(f"post/letter.toml: {problem}")


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(CommandFailed, match=r"/letter\.toml is missing"):
        toml.read(Letter, tmp_path / "letter.toml")
