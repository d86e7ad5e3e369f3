"""The model side of Sensorium: recipes become a Triton model repository, and an embedded Triton serves it.

* `sensorium_models.build`  makes the repository (`build_all`) and lists what it holds (`list_models`);
* `sensorium_models.check`  proves that what is served equals the network it came from (`check_all`);
* `sensorium_models.recipe` is what a service writes to describe one of its models;
* `sensorium_models.embedded` runs Triton on a machine without Docker (`python -m sensorium_models.embedded`).

Nothing is imported here: the embedded launcher must not pay for the builder's libraries.
"""
