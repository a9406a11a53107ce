"""Help in panels: commands and options listed under the heading of their family, as plain text.

Typer groups by `rich_help_panel` only where rich draws the help. Plain text appears sooner, since rich is not imported,
and can be copied from any terminal or log.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from typer.core import TyperCommand, TyperGroup

RUN, STUDIES, PATIENTS, EVIDENCE, INSPECT = "Run", "Studies", "Virtual patients", "Evidence", "Inspect"
COMMAND_PANELS = (RUN, STUDIES, PATIENTS, EVIDENCE, INSPECT)
ARGUMENTS, MODEL, ANALYSIS, EXECUTION, OUTPUT, ACCESS, OPTIONS = (
    "Arguments", "Model", "Analysis", "Execution", "Output", "Access", "Options",
)  # fmt: skip
OPTION_PANELS = (ARGUMENTS, MODEL, ANALYSIS, EXECUTION, OUTPUT, ACCESS, OPTIONS)


class PanelCommand(TyperCommand):
    """A command whose help lists its options by panel."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options, one section per panel."""
        _write_options(self, ctx, formatter)


class PanelGroup(TyperGroup):
    """The command `embers`, whose help lists its commands by panel."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, then the options of `embers` itself."""
        self.format_commands(ctx, formatter)
        _write_options(self, ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write name and short help of every command, one section per panel."""
        names = self.list_commands(ctx)
        width = max(map(len, names))
        rows = []
        for name in names:
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                panel = getattr(command, "rich_help_panel", None)
                short = command.get_short_help_str(formatter.width - 6 - width)
                rows.append((panel, (f"{name:<{width}}", short)))
        _write_sections(formatter, rows, COMMAND_PANELS)


def _write_options(command: Any, ctx: Any, formatter: Any) -> None:
    rows = []
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is not None:
            usual = ARGUMENTS if param.param_type_name == "argument" else OPTIONS
            name, text = record
            text = text.replace("\\[", "[")  # some versions of typer escape brackets for rich
            rows.append((getattr(param, "rich_help_panel", None) or usual, (name, text)))
    _write_sections(formatter, rows, OPTION_PANELS)


def _write_sections(formatter: Any, rows: Iterable[tuple[str | None, tuple[str, str]]], panels: Iterable[str]) -> None:
    """Write the rows of each panel that has any, in the order of the panels."""
    rows = list(rows)
    for panel in panels:
        shown = [row for its, row in rows if its == panel]
        if shown:
            with formatter.section(panel):
                formatter.write_dl(shown)
