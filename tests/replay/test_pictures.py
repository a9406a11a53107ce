import subprocess
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from abm.plots.palette import CANCER_COLORS, CELL_COLORS, field_colors
from abm.plots.tissue_picture import ABOVE_CANCER
from abm.replay import movie
from abm.replay.drawing import arm_picture
from abm.replay.film import RenderError
from abm.replay.movie import write_gif, write_mp4
from abm.replay.still import write_still
from abm.rules.states import SiteKind


def test_cancer_cells_have_the_colors_of_their_states(film):
    arm, last = film.arms[1], len(film.hours) - 1
    picture, frame = arm_picture(arm, last, scale=5), film.arms[1].frames[last]
    middles = picture[2::5, 2::5][frame.cancer_y, frame.cancer_x]
    seen, above = {tuple(color) for color in middles.tolist()}, {CELL_COLORS[kind] for kind in ABOVE_CANCER}
    assert seen - above <= set(CANCER_COLORS.values())
    assert len(seen - above) > 1


def test_an_overlay_colors_alveoli_and_leaves_vessels(film):
    arm = film.arms[1]
    plain, over = (arm_picture(arm, 0, overlay) for overlay in ("", "il6"))
    differs = (plain != over).any(axis=2)
    kind = np.kron(arm.kind, np.ones((4, 4), dtype=np.uint8))
    assert not differs[(kind == SiteKind.VESSEL) | (kind == SiteKind.BRONCHIOLE)].any()
    palest = {tuple(color) for color in field_colors()[:2].tolist()}
    assert {tuple(color) for color in over[differs & (kind == SiteKind.SEPTUM)].tolist()} <= palest


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_still_is_written_the_same_again_also_with_dollars_in_a_title(film, ending, tmp_path):
    first = film.arms[0]
    odd = replace(
        film, arms=(replace(first, scenario=replace(first.scenario, title="Cost <b> $5 & $6_x^")), film.arms[1])
    )
    one, other = (write_still(odd, tmp_path / f"{name}.{ending}", 3.0, "il6", "A $ title") for name in "ab")
    assert one.read_bytes() == other.read_bytes()
    if ending == "png":
        with Image.open(one) as picture:
            assert picture.width > 1500
    else:
        text = one.read_text(encoding="utf-8")
        assert "A $ title, day 3" in text
        assert "Cost &lt;b&gt; $5 &amp; $6_x^" in text
        for said in (
            "µm",
            "IL-6 (ng/mL, log scale)",
            "proliferating",
            "prediction",
            "doi:10.1038",
            "from day 1",
        ):
            assert said in text


def test_a_gif_has_a_frame_per_hour_of_the_film(film, tmp_path):
    path = write_gif(film, tmp_path / "a.gif", "il6", "Title")
    with Image.open(path) as picture:
        assert picture.n_frames == len(film.hours)
        assert picture.width <= movie.WIDEST["gif"]
    assert write_gif(film, tmp_path / "b.gif", "il6", "Title").read_bytes() == path.read_bytes()


def test_without_ffmpeg_a_movie_says_what_to_install(film, monkeypatch, tmp_path):
    monkeypatch.setattr(movie.shutil, "which", lambda _: None)
    monkeypatch.setattr(movie, "find_spec", lambda _: None)
    with pytest.raises(RenderError, match=r"apt-get install ffmpeg.*pip install imageio-ffmpeg"):
        write_mp4(film, tmp_path / "a.mp4")


def test_a_failing_ffmpeg_is_told_with_its_words(film, monkeypatch, tmp_path):
    failing = tmp_path / "ffmpeg"
    failing.write_text("#!/bin/sh\necho no such codec >&2\nexit 3\n")
    failing.chmod(0o755)
    monkeypatch.setattr(movie, "ffmpeg", lambda: str(failing))
    with pytest.raises(RenderError, match="ffmpeg failed: no such codec"):
        write_mp4(film, tmp_path / "a.mp4")
    assert not list(tmp_path.glob("*.mp4*"))


def test_a_movie_is_written_where_ffmpeg_is_there(film, tmp_path):
    try:
        command = movie.ffmpeg()
    except RenderError:
        pytest.skip("no ffmpeg here")
    path = write_mp4(film, tmp_path / "a.mp4")
    assert path.read_bytes()[4:8] == b"ftyp"
    subprocess.run([command, "-loglevel", "error", "-i", str(path), "-f", "null", "-"], check=True)
