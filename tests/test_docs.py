"""Names that the pages use exist; building them, which takes minutes, runs the rest."""

import ast
import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"
PACKAGES = ("hopfield", "theory", "montecarlo", "gpu", "studies")
PAGES = sorted(
    page
    for page in DOCS.rglob("*.md")
    if "_build" not in page.parts and "{code-cell}" in page.read_text()
)


def cells(text):
    """Code of the cells of a page, without magic and options."""
    found = re.findall(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return ["\n".join(line for line in one.splitlines() if line[:1] not in "%!:") for one in found]


def there(home, name):
    """Whether a package has a name, or a module of that name."""
    package = import_module(home)
    return hasattr(package, name) or (
        hasattr(package, "__path__") and find_spec(f"{home}.{name}") is not None
    )


def missing_names(code):
    """Names of the packages that code imports or takes from a package, and that are not there."""
    missing = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in PACKAGES:
            missing += [one.name for one in node.names if not there(node.module, one.name)]
        taken = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if taken and node.value.id in PACKAGES:
            missing += [] if there(node.value.id, node.attr) else [node.attr]
    return missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_names_on_a_page_exist(page):
    for code in cells(page.read_text()):
        assert missing_names(code) == []


def test_names_that_do_not_exist_are_seen():
    code = "from hopfield.results import not_there\nimport theory\ntheory.nothing(1)\n"
    assert missing_names(code) == ["not_there", "nothing"]
    (cell,) = cells("text\n```{code-cell} ipython3\n:tags: [a]\n%magic\nx = 1\n```\n")
    assert cell == "x = 1"
