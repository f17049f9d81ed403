"""Turns the lines that compare-ranks gathers ("case|layout|{json}") into a Markdown table."""
import json
import sys
from collections import defaultdict
from statistics import median

ALONE = "one process"


def main(path):
    runs = defaultdict(lambda: defaultdict(list))
    for line in open(path):
        case, layout, result = line.split("|", 2)
        run = json.loads(result)
        runs[case][layout].append((run["tokens_per_second"], run["best_tokens_per_second"]))
    cases = list(runs)
    print("| layout | " + " | ".join(f"{c.split(',')[0].upper()}, T {c.split(',')[1]}, {c.split(',')[2]} sequences" for c in cases) + " |")
    print("| --- |" + " --- |" * len(cases))
    print("| one process, 2 threads, tokens/s | " + " | ".join(
        f"{median(r[0] for r in runs[c][ALONE]):,.0f}; {max(r[1] for r in runs[c][ALONE]):,.0f}" for c in cases) + " |")
    for layout in [name for name in runs[cases[0]] if name != ALONE]:
        print(f"| {layout} | " + " | ".join(ratio(runs[c], layout) for c in cases) + " |")


def ratio(runs, layout):
    """Median of the rounds' own ratios, with the lowest and highest; then that of the best step of all rounds."""
    ratios = [ranks[0] / alone[0] for ranks, alone in zip(runs[layout], runs[ALONE])]
    best = max(r[1] for r in runs[layout]) / max(r[1] for r in runs[ALONE])
    return f"{median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}); {best:.2f}"


if __name__ == "__main__":
    main(sys.argv[1])
