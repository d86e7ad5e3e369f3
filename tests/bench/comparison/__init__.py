"""The suite, its physical limit and what a user would pick instead, measured side by side: `make bench`.

* `__main__`   runs everything and writes `results.json`, plots, the page and the table of figures;
* `settings`   how long and how much of it, from variables BENCH_*;
* `workloads`  what is asked, and what the right answer is;
* `systems`    what answers: each is started, waited for, asked in its own dialect, accounted for and stopped;
* `generator`  the process that asks and measures; `grpc_link` and `http_link` are its two protocols;
* `rounds`     the order of measuring: systems take turns in every round;
* `verdict`    the five figures of the project, met or missed.
"""
