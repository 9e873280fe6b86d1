"""Somebody who walks through the site, and counts: presses, page loads, and the words down to what was looked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Download, Locator, Page, expect

WORDS_PER_SECOND = 4
MOST_TABS = 80
WORDS_DOWN_TO = """(wanted) => {
  const main = document.querySelector("main");
  const walk = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  let words = 0;
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const around = node.parentElement;
    if (wanted.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING && !wanted.contains(node)) break;
    if (!around.checkVisibility() || around.closest(".visually-hidden, option, .skip")) continue;
    const tabs = around.closest("nav.tabs");
    if (tabs && !tabs.contains(wanted)) continue;
    const row = around.closest(".place li");
    if (row && !row.contains(wanted) && !around.closest("a")?.matches(".who a")) continue;
    words += (node.data.match(/\\S+/g) || []).length;
  }
  return words;
}"""
"""Of a page from its top, as far as an element goes. What is folded or said to screen readers alone is not read, nor is
the row of tabs, which is the same on every page, unless the way leads over it. Whoever looks for one connector among
all reads their names, and of the others nothing else."""


@dataclass
class Walker:
    """A person at a page, from which everything is reached by what it shows.

    Attributes:
        presses: clicks, and Enter in a field or on a button.
        loads: pages that were loaded, without the one that was there at first.
        words: read so far, with the header of the pages left out.
    """

    page: Page
    presses: int = 0
    loads: int = 0
    words: int = 0
    _read_here: int = 0

    def __post_init__(self) -> None:
        self.page.on("domcontentloaded", self._arrived)

    def _arrived(self, _: Page) -> None:
        self.loads += 1
        self._read_here = 0

    def reads(self, wanted: Locator) -> None:
        """Read the page from where reading stopped, down to this."""
        expect(wanted).to_be_visible()
        words = wanted.evaluate(WORDS_DOWN_TO)
        self.words += max(0, words - self._read_here)
        self._read_here = max(words, self._read_here)

    def searches(self, text: str) -> None:
        """Type into the box above every page, and press Enter."""
        box = self.page.get_by_role("searchbox", name="Search everywhere")
        box.fill(text)
        with self._turning():
            box.press("Enter")

    def clicks(self, wanted: Locator) -> None:
        """Read down to what leads to another page, and click it."""
        self.reads(wanted)
        with self._turning():
            wanted.click()

    def unfolds(self, wanted: Locator) -> None:
        """Read down to what is folded, and click it."""
        self.reads(wanted)
        self.presses += 1
        wanted.click()

    def jumps(self, wanted: Locator) -> None:
        """Read down to what leads to another place of this page, and click it; what is between is not read."""
        self.unfolds(wanted)
        there = self.page.locator(wanted.get_attribute("href") or "")
        self._read_here = max(self._read_here, there.evaluate(WORDS_DOWN_TO))

    def downloads(self, wanted: Locator) -> Download:
        """Read down to what is a file, and click it."""
        self.reads(wanted)
        self.presses += 1
        with self.page.expect_download() as started:
            wanted.click()
        return started.value

    def tabs_to(self, wanted: Locator) -> int:
        """Press Tab until this has the focus.

        Returns:
            How often Tab was pressed.
        """
        for tabs in range(1, MOST_TABS):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("(wanted) => wanted === document.activeElement"):
                return tabs
        raise AssertionError(f"not reached in {MOST_TABS} tabs: {wanted}")

    def enters(self) -> None:
        """Press Enter on what has the focus."""
        with self._turning():
            self.page.keyboard.press("Enter")

    @contextmanager
    def _turning(self) -> Iterator[None]:
        self.presses += 1
        with self.page.expect_event("domcontentloaded"):
            yield

    @property
    def seconds(self) -> float:
        """How long it takes to read so many words."""
        return self.words / WORDS_PER_SECOND

    def told(self, walk: str) -> str:
        """What it took, in a line."""
        return f"{walk}: {self.presses} clicks, {self.loads} page loads, {self.words} words, {self.seconds:.0f} seconds"
