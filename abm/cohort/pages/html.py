"""The report as a self-contained HTML page."""

from __future__ import annotations

import base64
import html
from pathlib import Path


def as_html(text: str, title: str, folder: Path) -> str:
    """Convert the report to one HTML page with embedded figures.

    Args:
        text: Markdown; what looks like HTML in it, as in a title of a file, is shown as it stands.
        title: of the page.
        folder: contains the folder `figures`.

    Raises:
        OSError: a figure cannot be read.
    """
    from markdown import markdown

    body = markdown(text.replace("<", "&lt;"), extensions=["tables"])
    for path in (folder / "figures").glob("*.png"):
        data = base64.b64encode(path.read_bytes()).decode()
        body = body.replace(f'src="figures/{path.name}"', f'src="data:image/png;base64,{data}"')
    body = body.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")
    return _PAGE.format(title=html.escape(title), body=body)


_PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222 }}
h1, h2, h3 {{ line-height: 1.25 }} h2 {{ margin-top: 2.6rem; border-bottom: 2px solid #ddd; padding-bottom: 0.3rem }}
img {{ max-width: 100%; margin: 0.5rem 0 }} li {{ margin: 0.3rem 0 }}
.wide {{ overflow-x: auto }} table {{ border-collapse: collapse; font-size: 0.88rem; margin: 1rem 0 }}
th, td {{ border-bottom: 1px solid #ddd; padding: 0.3rem 0.8rem 0.3rem 0; text-align: left; vertical-align: top }}
th {{ border-bottom: 2px solid #bbb }}
h1 + p {{ background: #fff6d6; border-left: 4px solid #cc9a00; padding: 0.6rem 1rem }}
@media print {{ h2 {{ break-before: page }} h1 ~ h2:first-of-type {{ break-before: avoid }} }}
</style></head><body>
{body}
</body></html>
"""
