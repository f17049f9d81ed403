"""Turns the lines that compare-collectives gathers ("round library program MB ms") into a Markdown table."""
import sys
from collections import defaultdict
from statistics import median


def main(path):
    times = defaultdict(dict)
    for line in open(path):
        turn, library, program, size, milliseconds = line.split()
        times[library, int(size)][program, turn] = float(milliseconds)
    print("| library | MB | ours, ms | C in one call, ms | C in pieces of 4 MB, ms | ours, GB/s | C in one call / ours | C in pieces / ours |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for (library, size), runs in times.items():
        turns = sorted({turn for _, turn in runs})
        middle = lambda program: median(runs[program, turn] for turn in turns)
        ratio = lambda program: median(runs[program, turn] / runs["ours", turn] for turn in turns)
        print(
            f"| {library} | {size} | {middle('ours'):.3f} | {middle('c-plain'):.3f} | {middle('c-chunked'):.3f} | "
            f"{size / middle('ours'):.1f} | {ratio('c-plain'):.2f} | {ratio('c-chunked'):.2f} |")


if __name__ == "__main__":
    main(sys.argv[1])
