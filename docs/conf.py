"""Build of the documentation: Sphinx reads Markdown pages and runs the notebooks of docs/tutorials.

`python -m sphinx -W --keep-going docs outputs/site` from the top of a checkout, with the extra `docs` installed.
"""

import os
import re
import sys
import tomllib
from functools import partial
from pathlib import Path

import jupyter_cache.executors.utils as executing

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
sys.path.insert(0, str(ROOT))  # this checkout, whichever one is installed
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
os.environ.setdefault("COLUMNS", "110")  # width of what commands print in notebooks
os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # figures in notebooks, whatever is set

project = "Embers"
author = "The Embers authors"
copyright = "The Embers authors, MIT license"
version = release = PROJECT["version"]

extensions = [
    "myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton", "sphinx_design",
]  # fmt: skip
exclude_patterns = ["_build", "jupyter_execute"]
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]  # types of other libraries: their pages are not here
suppress_warnings = [
    "config.cache",
    "myst-nb.lexer",  # of notebooks that are not run, with `-D nb_execution_mode=off`
]

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 4
executing.executenb = partial(executing.executenb, coalesce_streams=True)  # what a command prints is one text
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 300  # s per cell: the first one may compile
nb_output_stderr = "remove"  # progress bars
nb_ipywidgets_js = {}  # widgets would load scripts from the network

default_role = "code"  # docstrings write names in single backticks
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"Embers {release}"
html_static_path = ["_static"]
html_css_files = ["embers.css"]
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def commands() -> str:
    """Every command with all its options, as Typer describes them."""
    from typer import Context
    from typer.cli import get_docs_for_click
    from typer.main import get_command

    from abm.cli.main import app as embers

    group = get_command(embers)
    text = get_docs_for_click(obj=group, ctx=Context(group, info_name="embers"), name="embers")
    text = re.sub(r"^Example: (.*)$", r"Example: `\1`", text.partition("\n")[2], flags=re.MULTILINE)
    return re.sub(r"^\* `([a-z]+)`: ", r"* [`\1`](#embers-\1): ", text, flags=re.MULTILINE)


MADE = {"reference/commands": ("<!-- commands -->", commands)}  # what a page gets at the build, and where
AT_THE_TOP = {"README": "index", "CHANGELOG": "changelog", "CONTRIBUTING": "contributing"}  # and their pages


def put_in(_app, page, source):
    """Put into a page what is made from the program; links to files at the top of a checkout lead to their pages."""
    if page in MADE:
        mark, make = MADE[page]
        if mark not in source[0]:
            raise ValueError(f"docs/{page}.md lacks the line {mark}")
        source[0] = source[0].replace(mark, make())
    for name, shown in AT_THE_TOP.items():
        source[0] = source[0].replace(f"](../{name}.md", f"]({shown}.md")


def setup(app):
    """Connect this file to Sphinx."""
    app.connect("source-read", put_in)
