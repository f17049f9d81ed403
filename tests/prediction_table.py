#!/usr/bin/env python3
"""Makes the page of tests/prove-predictions from its lines: ROUND MODEL RANKS {reconcile's JSON}."""
import collections
import datetime
import json
import statistics
import sys

MOST_DRIFT = 5

cases = collections.defaultdict(list)
for line in open(sys.argv[1]):
    _, model, ranks, answer = line.split(" ", 3)
    cases[model, int(ranks)].append(json.loads(answer))

rounds = max(len(answers) for answers in cases.values())
print(f"""# Predicted against measured steps

Measured {datetime.date.today()} on {sys.argv[2]}, with `tests/prove-predictions`: calibrate and run in turn, {rounds} rounds, fp32, 1,024 tokens a
step in sequences of 256; 1 rank has all cores, 2 ranks (FSDP, ZeRO 3, over MPI) have 1 thread each. The models are not those that calibrate
measures. Errors are measured over predicted, less 1; the median of the rounds counts. Calibrations differ by (largest - smallest) / mean of
what they predict for the case; beyond {MOST_DRIFT} % the case is void: the machine was not the same from one round to the next.

| model | ranks | predicted step, ms | measured step, ms | median error of the step | of each round | calibrations differ by | median error of the memory | of each round |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |""")
for (model, ranks), answers in sorted(cases.items(), key=lambda item: (item[0][1], int(item[0][0][:-1]))):
    predicted = [a["predicted_step_ms"] for a in answers]
    errors = [a["step_error_percent"] for a in answers]
    memory = [a["memory_error_percent"] for a in answers]
    drift = 100 * (max(predicted) - min(predicted)) / statistics.mean(predicted)
    print(f"| {model} | {ranks} | {statistics.median(predicted):.1f} | {statistics.median(a['measured_step_ms'] for a in answers):.1f} "
          f"| {statistics.median(errors):+.1f} % | {' '.join(f'{e:+.1f}' for e in errors)} | {drift:.1f} %{' (void)' if drift > MOST_DRIFT else ''} "
          f"| {statistics.median(memory):+.1f} % | {' '.join(f'{m:+.1f}' for m in memory)} |")
