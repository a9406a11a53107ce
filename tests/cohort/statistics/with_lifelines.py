"""Lifelines, a second opinion on survival statistics; it warns on pandas 3."""

import contextlib
import warnings

import pandas as pd
import pytest

from abm.cohort.analysis import FOUND, NONE


@contextlib.contextmanager
def quiet():
    """Its warnings silenced; the test is skipped without lifelines."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield pytest.importorskip("lifelines")


def exported(tables, arms, endpoint=FOUND):
    """One row per patient, arm and turn, made from the written columns alone."""
    parts = []
    for arm in arms:
        rows = tables.arms[tables.arms["arm"] == arm]
        left = rows["died"].fillna(tables.months)
        if endpoint is FOUND:
            time, event = rows["found"].fillna(left), rows["found"].notna()
        else:
            time, event = left, rows[endpoint.column] == endpoint.value
        died = rows["died"].notna() & ~event
        parts.append(pd.DataFrame({
            "number": rows["number"], "exposed": float(arm != NONE), "time": time, "event": event.astype(int),
            "kind": event * 1 + died * 2,
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)
