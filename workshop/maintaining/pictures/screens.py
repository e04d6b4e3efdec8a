"""Two pages of the built site, as a browser shows them: the Twins and the Road."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workshop.base import addresses
from workshop.base.problems import CommandFailed
from workshop.maintaining.chromium import browser, program

QUALITY = 85  # of WebP: the letters are sharp, and a picture has some 50 kB
SECONDS_TO_SHOW = 20


@dataclass(frozen=True)
class Shot:
    """A place of the site, the size of the window, and the element that shows that the page is complete."""

    place: str
    width: int
    height: int
    shows: str
    then: str = ""  # a key to press at the end


SHOTS = {
    "twins.webp": Shot(
        f"{addresses.TWINS}#left=before&right=after&scenario=accepted&stop=4", 920, 550, "#code", then="Escape"
    ),
    "road.webp": Shot(addresses.in_road("step-03", "webhooks/domain/formats/csv.py"), 1060, 740, "#code .rows"),
}


def shoot(site: Path) -> Iterator[tuple[str, bytes]]:
    """Each picture's name and its bytes, in the light scheme. Raises CommandFailed."""
    if program() is None:
        raise CommandFailed("There is no Chromium on this machine (Debian, Ubuntu: apt install chromium).")
    from playwright.sync_api import Error  # here: only the group `site` has it

    with browser() as chromium:
        for name, shot in SHOTS.items():
            context = chromium.new_context(
                viewport={"width": shot.width, "height": shot.height}, color_scheme="light", reduced_motion="reduce"
            )
            context.set_default_timeout(SECONDS_TO_SHOW * 1000)
            page = context.new_page()
            try:
                page.goto(f"{site.resolve().as_uri()}/{shot.place}")
                page.locator(shot.shows).first.wait_for()
                if shot.then:
                    page.keyboard.press(shot.then)
                    page.locator(shot.shows).first.wait_for(state="hidden")
            except Error as failed:
                raise CommandFailed(f"{shot.place} of the site does not show {shot.shows}: {failed.message}") from None
            taken = context.new_cdp_session(page).send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
            context.close()
            yield name, base64.b64decode(taken["data"])
