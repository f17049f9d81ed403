# shellcheck shell=bash
# Losses and events of run folders, compared. Sourced, not run.

losses_of() { sed -n 's/.*"step":\([0-9]*\).*"train\/loss":\([0-9.eE+-]*\).*/\1 \2/p' "$1/metrics.jsonl"; }

# usage: largest_difference FOLDER FOLDER      prints the largest relative difference of the loss of a step; nan where steps are missing
largest_difference() {
  join <(losses_of "$1" | sort) <(losses_of "$2" | sort) |
    awk -v steps="$(losses_of "$1" | wc -l)" '
      { d = ($2 - $3) / $2; if (d < 0) d = -d; if (d > most) most = d }
      END { if (NR == steps && NR > 0) printf "%.1e\n", most; else print "nan" }'
}

# True for a difference that rounding makes in fp32.
is_close() { awk -v d="$1" 'BEGIN { exit !(d != "nan" && d + 0 < 1e-6) }'; }

# usage: compare_bits FOLDER FOLDER      prints whether all losses of two runs are the same characters
compare_bits() { if cmp -s <(losses_of "$1") <(losses_of "$2"); then echo "the same bits"; else echo "other bits"; fi; }

# usage: events_of FOLDER      prints what happened, as "start 0, interrupted 55, resume 55, finished 300"
events_of() {
  sed -n 's/.*"event":"\([a-z_]*\)".*"step":\([0-9]*\).*/\1 \2/p' "$1/events.jsonl" | grep -v checkpoint_saved | paste -sd , | sed 's/,/, /g'
}
