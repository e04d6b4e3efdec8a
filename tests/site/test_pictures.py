"""`./ws dev pictures` makes every picture that README shows, from the site and from the commands."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from workshop.maintaining.chromium import program
from workshop.maintaining.pictures import album, screens


@pytest.mark.skipif(program() is None, reason="There is no Chromium on this machine: apt install chromium.")
def test_the_command_makes_all_pictures_small_and_in_the_size_of_their_window(site, tmp_path):
    with ThreadPoolExecutor(1) as thread:  # the browser of the other tests may be open in this one
        said = thread.submit(lambda: list(album.write(lambda: site, tmp_path))).result()

    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert set(made) == set(album.NAMES)
    assert [line.split(":")[0] for line in said] == list(album.NAMES)
    assert sum(map(len, made.values())) <= album.LARGEST_TOGETHER
    for name, shot in screens.SHOTS.items():
        assert 20_000 < len(made[name]) <= album.LARGEST, f"{name} shows nothing, or too much"
        assert (made[name][:4], made[name][8:16]) == (b"RIFF", b"WEBPVP8X")
        width, height = (int.from_bytes(made[name][at : at + 3], "little") + 1 for at in (24, 27))
        assert (width, height) == (shot.width, shot.height)


def test_the_book_shows_the_terminal_and_leaves_out_pictures_of_itself(site):
    page = (site / "README.html").read_text()

    assert "terminal.svg" in page
    assert ".webp" not in page and not list(site.rglob("*.webp"))
