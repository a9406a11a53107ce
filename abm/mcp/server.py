"""The server: its tools, and how it is run over standard input and output."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import anyio
import anyio.to_thread
from mcp.server.mcpserver import Context, MCPServer
from mcp.types import ToolAnnotations
from pydantic import Field

from abm.core.seeds import seed_of
from abm.installation.package import installed_version
from abm.mcp import catalog, results
from abm.mcp.arms import Arm, scenarios_of
from abm.mcp.jobs import Limits, TwinJob, TwinJobs
from abm.mcp.refusals import refusals
from abm.mcp.runs import StudyAnswer, answer_of, unknown_study

T = TypeVar("T")
LOOK = 0.5  # s between two reports of progress
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
RUNS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
INSTRUCTIONS = """\
Embers simulates dormant breast-cancer cells in the lung during a respiratory infection, and what changes when IL-6 is
blocked. Arms that are run with the same seeds are twins: they differ only where the arms differ. Compare arms by the
rows of an answer that have "against" (ratios of twins with their 95 % interval), never by two separate runs.

Start with list_scenarios; describe_parameters and list_rules say what a scenario assumes. run_twins runs arms; if it
answers "running", call run_status until the study is complete. Replicates are sections of one lung, not mice or people.

Whenever you report a number, also report its interval and n, whether it is a prediction (no experiment has tested it),
its confidence, and the sources in "evidence". Embers is a research and teaching model, not medical advice.
"""


def server_for(outputs: Path, limits: Limits) -> MCPServer[TwinJobs]:
    """A server whose results are in `outputs`; it reads no other folder but that of the packaged scenarios."""
    jobs = TwinJobs(outputs, limits)

    @asynccontextmanager
    async def lifespan(_: MCPServer[TwinJobs]) -> AsyncIterator[TwinJobs]:
        try:
            yield jobs
        finally:
            jobs.close()

    server = MCPServer[TwinJobs](
        "embers", title="Embers", version=installed_version(), instructions=INSTRUCTIONS, lifespan=lifespan,
        log_level="WARNING",
    )  # fmt: skip
    _add_catalog(server)
    _add_results(server, outputs)
    _add_runs(server, jobs)
    return server


def serve(outputs: Path, limits: Limits) -> None:
    """Serve over standard input and output until the client closes them."""
    server_for(outputs, limits).run("stdio")


def _add_catalog(server: MCPServer[TwinJobs]) -> None:
    @server.tool(annotations=READS)
    def list_scenarios() -> catalog.ScenarioList:
        """List the packaged scenarios: name, title, one-line story, whether they are predictions."""
        return _refused(catalog.list_scenarios)

    @server.tool(annotations=READS)
    def describe_scenario(
        name: Annotated[str, Field(description="Name of a packaged scenario.")],
    ) -> catalog.ScenarioAnswer:
        """Describe a packaged scenario: its file, what it changes, what is expected, and its evidence."""
        return _refused(catalog.describe_scenario, name)

    @server.tool(annotations=READS)
    def describe_parameters(
        text: Annotated[str, Field(description='Part of a name or meaning, such as "awakening" or "drug".')],
        scenario: Annotated[str, Field(description="Show its values; empty: the defaults.")] = "",
    ) -> catalog.ParameterAnswer:
        """Describe parameters and drugs: value, unit, allowed range, confidence, source with DOI."""
        return _refused(catalog.describe_parameters, text, scenario)

    @server.tool(annotations=READS)
    def list_rules(
        scenario: Annotated[str, Field(description="Name of a packaged scenario.")],
        compared_with: Annotated[str, Field(description="Another one: list only the laws that differ.")] = "",
        text: Annotated[str, Field(description='Part of a name, cell or sentence, as "IL-6"; empty: all (long).')] = "",
    ) -> catalog.LawAnswer:
        """List the laws that act in a scenario as sentences with their numbers, confidence and sources."""
        return _refused(catalog.list_rules, scenario, compared_with, text)

    @server.tool(annotations=READS)
    def list_sources(
        text: Annotated[str, Field(description="Part of an author, title or journal; empty: all.")] = "",
    ) -> catalog.SourceAnswer:
        """List the sources of the model with their DOIs."""
        return _refused(catalog.list_sources, text)


def _add_results(server: MCPServer[TwinJobs], outputs: Path) -> None:
    @server.tool(annotations=READS)
    def list_results() -> results.Results:
        """List the comparisons and sweeps in the folder for outputs."""
        return _refused(results.list_results, outputs)

    @server.tool(annotations=READS)
    def read_results(
        name: Annotated[str, Field(description="As in list_results, or the study of run_twins.")],
    ) -> results.ResultsAnswer:
        """Read the numbers of a comparison or sweep: per arm, and ratios between twins with their intervals."""
        return _refused(results.read_results, outputs, name)

    @server.tool(annotations=READS)
    def read_time_course(
        name: Annotated[str, Field(description="As in list_results.")],
        measure: Annotated[str, Field(description='Such as "cells_per_seeded"; read_results lists all.')],
        arms: Annotated[list[str], Field(default_factory=list, description="Empty: all.")],
        every_days: Annotated[float, Field(gt=0.0, le=3650.0, description="Days between two points.")] = 1.0,
    ) -> results.TimeCourse:
        """Read a measure of a comparison over time: median and quartiles over the replicates, by arm."""
        return _refused(results.read_time_course, outputs, name, measure, arms, every_days)


def _add_runs(server: MCPServer[TwinJobs], jobs: TwinJobs) -> None:
    @server.tool(annotations=RUNS)
    async def run_twins(
        arms: Annotated[list[Arm], Field(min_length=1, max_length=12, description="The first is the reference.")],
        ctx: Context[TwinJobs, Any],
        days: Annotated[float | None, Field(description="Length of the runs; none: as in the scenarios.")] = None,
        replicates: Annotated[int, Field(ge=1, le=100, description="Twins per arm.")] = 8,
        seed: Annotated[int, Field(description="Of the first replicate; the others count up.")] = 1,
        size: Annotated[str | None, Field(description='Of the section, as "1 mm"; none: 2 mm x 2 mm.')] = None,
        wait_seconds: Annotated[float, Field(ge=0.0, le=3600.0, description="Then answer, if still running.")] = 30.0,
    ) -> StudyAnswer:
        """Run arms side by side as twins, within the limits of this server; what is finished already is only read.

        Reports progress while it waits. The results stay in the folder for outputs.
        """

        def start() -> TwinJob:
            first = seed_of(seed)
            return jobs.start(scenarios_of(arms, days, size), range(first, first + replicates))

        job = await anyio.to_thread.run_sync(lambda: _refused(start))
        with anyio.move_on_after(wait_seconds):
            await _watched(job, ctx)
        return await anyio.to_thread.run_sync(lambda: _refused(answer_of, job))

    @server.tool(annotations=READS)
    def run_status(
        study: Annotated[str, Field(description="As run_twins answered.")],
    ) -> StudyAnswer:
        """Show the progress of a study of run_twins, or its results once it is complete."""
        return _refused(lambda: answer_of(_known(jobs, study)))

    @server.tool(annotations=RUNS)
    def stop_run(
        study: Annotated[str, Field(description="As run_twins answered.")],
    ) -> StudyAnswer:
        """End a study of run_twins. Finished runs are kept; the same run_twins continues it."""

        def stop() -> StudyAnswer:
            job = _known(jobs, study)
            job.end()
            return answer_of(job)

        return _refused(stop)


async def _watched(job: TwinJob, ctx: Context[TwinJobs, Any]) -> None:
    """Report progress until the study ends."""
    told = -1
    while job.is_running:
        progress = job.progress
        if progress.done != told:
            told = progress.done
            message = f"{progress.done} of {progress.total} runs" if told else "compiling, or starting workers"
            await ctx.report_progress(float(told), float(progress.total), message)
        await anyio.sleep(LOOK)
    await ctx.report_progress(float(job.progress.done), float(job.progress.total), "ended")


def _known(jobs: TwinJobs, study: str) -> TwinJob:
    job = jobs.job(study)
    return job if job is not None else unknown_study(study)


def _refused(work: Callable[..., T], *arguments: Any) -> T:
    with refusals():
        return work(*arguments)
