"""How many patients a trial would need to show what a cohort predicts."""
