"""How Sphinx builds these pages."""

import os
import re
import shutil
import sys
from importlib.metadata import version as installed_version
from pathlib import Path

project = "hopfield"
author = "The hopfield developers"
project_copyright = author
release = version = installed_version("hopfield")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinxcontrib.bibtex",
]
exclude_patterns = ["_build", "jupyter_execute"]
templates_path = ["_templates"]

html_theme = "sphinx_book_theme"
html_title = "hopfield"
html_static_path = ["_static"]
html_css_files = ["page.css"]
html_theme_options = {"show_toc_level": 2, "home_page_in_toc": True, "navbar_persistent": []}

# Markdown pages, some of which are run when they are built; a failing cell fails the build.
myst_enable_extensions = ["amsmath", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = 600
nb_merge_streams = True
nb_render_markdown_format = "myst"
numfig = False
math_eqref_format = "({number})"

# Cells that call the command line find the one of this environment.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]

# The reference is generated from the docstrings, afresh: no page of a name that is gone stays.
shutil.rmtree(Path(__file__).parent / "api", ignore_errors=True)
default_role = "py:obj"
autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False

bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "unsrt"
bibtex_reference_style = "author_year"


def keep_initials(app, what, name, obj, options, lines):
    """A line that begins with the initial of an author is not the item of a list."""
    lines[:] = [re.sub(r"^(\s*)([A-Z])\. ", r"\1\\\2. ", line) for line in lines]


def setup(app):
    app.connect("autodoc-process-docstring", keep_initials, priority=900)
