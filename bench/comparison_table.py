"""Turns the lines that compare-pytorch gathers ("case setting {json}") into a Markdown table."""
import json
import sys
from collections import defaultdict
from statistics import median

MAX_PRODUCT_ERROR = 1e-5


def main(path):
    runs = defaultdict(lambda: defaultdict(list))
    for line in open(path):
        case, setting, result = line.split(" ", 2)
        runs[case][setting].append(json.loads(result))
    print("| model | T | sequences | ours tokens/s | PyTorch tokens/s | ratio | ours GFLOP/s | GEMM peak | MFU | PyTorch's best setting |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for case, settings in runs.items():
        ours = settings.pop("ours")
        rate = lambda results: median(result["tokens_per_second"] for result in results)
        correct = {name: results for name, results in settings.items() if results[0]["product_error"] < MAX_PRODUCT_ERROR}
        name, theirs = max(correct.items(), key=lambda item: rate(item[1]))
        model, length, batch = case.split(",")
        middle = lambda key: median(result[key] for result in ours)
        print(
            f"| {model} | {length} | {batch} | {rate(ours):,.0f} | {rate(theirs):,.0f} | {rate(ours) / rate(theirs):.2f} | "
            f"{middle('model_gflops'):.0f} | {middle('peak_gflops'):.0f} | {middle('mfu'):.1%} | {name}, {theirs[0]['openblas']} |")
    print("\n| model, T, sequences | setting (torch threads / BLAS threads / OpenBLAS kernel) | tokens/s | page faults a step | RSS MiB | largest product error |")
    print("| --- | --- | --- | --- | --- | --- |")
    for case, settings in runs.items():
        for name, results in settings.items():
            first = results[0]
            print(
                f"| {case} | {name} ({first['openblas']}) | {median(r['tokens_per_second'] for r in results):,.0f} | "
                f"{first['page_faults_per_step']:,} | {first['rss_mib']:,} | {first['product_error']:.0e} |")


if __name__ == "__main__":
    main(sys.argv[1])
