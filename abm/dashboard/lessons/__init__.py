"""Lessons: a student predicts, runs the arms, and sees the prediction beside the run."""
