"""The stack on one machine: what `sensorium up` starts, watches, greets and stops.

`settings` says what listens where, `runner` composes the rest, and `pictures` makes the pictures that show it works.
Nothing is imported here: the commands must start quickly, and each module pulls in only what it needs.
"""
