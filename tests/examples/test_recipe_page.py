"""The page of recipes shows them as they stand: what is copied from it is what was tested."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")


def test_the_page_quotes_the_recipes_as_they_stand() -> None:
    quoted = re.findall(r"\]\(\.\./(examples/recipes/\w+\.py)\)|^```python\n(.*?)^```$", PAGE, re.M | re.S)
    file, blocks = "", 0
    for named, block in quoted:
        file = named or file
        assert block in (ROOT / file).read_text(encoding="utf-8"), file
        blocks += bool(block)
    assert blocks == PAGE.count("```") / 2


def test_the_page_has_every_recipe() -> None:
    named = set(re.findall(r"examples/recipes/(\w+\.py)", PAGE))
    assert named == {path.name for path in (ROOT / "examples" / "recipes").glob("*.py")}
