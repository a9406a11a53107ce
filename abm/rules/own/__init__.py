"""A user's own biology in compiled code: substances, types of cells, drugs and rules that a scenario declares.

Arrays have a fixed number of slots for them (`abm.rules.own.slots`), so that nothing is compiled again for a scenario.
What a rule may read stands in `abm.rules.own.signals`, what it may change in `abm.rules.own.rates`, and how it does so
in `abm.rules.own.rule`. Scenario files and Python know them by their words (`abm.scenario.hypothesis`).
"""
