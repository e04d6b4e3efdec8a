"""Whether every slide can be read: opened in Chromium at 1280 x 720, nothing is cut off, and no text is too small."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from workshop.base.problems import CommandFailed
from workshop.maintaining import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTH, HEIGHT, SMALLEST = 1280, 720, 24
# What is wrong with the slide that is shown. A pixel more or less is rounding.
LOOK = """([width, height, smallest]) => {
  const slide = Reveal.getCurrentSlide(), wrong = new Set();
  const words = (part) => part.textContent.trim().replace(/\\s+/g, " ").slice(0, 40);
  for (const part of slide.querySelectorAll("*")) {
    if (part.closest("iframe")) continue;
    const box = part.getBoundingClientRect();
    if (!box.width && !box.height) continue;
    if (box.left < -1 || box.top < -1 || box.right > width + 1 || box.bottom > height + 1)
      wrong.add(`reaches over its edge: ${words(part) || part.tagName.toLowerCase()}`);
    const hides = getComputedStyle(part).overflow !== "visible";
    if (hides && !part.matches(".frame, svg *") && (part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1))
      wrong.add(`cuts off a part of: ${words(part)}`);
    const hasText = [...part.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
    if (!hasText) continue;
    const scale = part instanceof SVGElement ? part.getScreenCTM().a : 1;
    const size = Math.round(parseFloat(getComputedStyle(part).fontSize) * scale * 10) / 10;
    if (size < smallest) wrong.add(`has text of ${size} px, and the smallest is ${smallest}: ${words(part)}`);
  }
  const inner = slide.querySelector(".slide");
  const parts = [...inner.children].map((part) => part.getBoundingClientRect());
  const padding = parseFloat(getComputedStyle(inner).paddingBottom);
  if (parts.some((box) => box.bottom > height - padding + 1)) wrong.add("has more than fits above its lower margin");
  for (let at = 1; at < parts.length; at++)
    if (parts[at].top < parts[at - 1].bottom - 1) wrong.add("has parts that cover each other");
  return [...wrong];
}"""


def refuse(folder: Path) -> None:
    """Raises CommandFailed if a slide of the talk in this folder cannot be read."""
    with chromium.browser() as opened:
        found = [f"  {problem}" for problem in problems(folder, opened)]
    if found:
        raise CommandFailed("\n".join(["Some slides cannot be read. Nothing was replaced.", *found]))


def problems(folder: Path, opened: "Browser") -> Iterator[str]:
    """What cannot be read, with the number and the name of its slide."""
    page = opened.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    page.goto(f"{(folder / 'index.html').resolve().as_uri()}?preview")
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate("(at) => { Reveal.slide(at); while (Reveal.nextFragment()); }", number)
        name = page.evaluate("Reveal.getCurrentSlide().dataset.name")
        for what in page.evaluate(LOOK, [WIDTH, HEIGHT, SMALLEST]):
            yield f"slide {number + 1}, {name!r}, {what}"
    page.close()
