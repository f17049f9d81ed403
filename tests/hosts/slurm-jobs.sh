# shellcheck shell=bash
# Jobs of 'altiplano launch --slurm' in a lab with Slurm. Sourced, not run; whoever sources it sets program.

# usage: submit RUN.yaml [OPTION...]      prints the job's number
# shellcheck disable=SC2154
submit() { "$program" launch "$1" --slurm --submit "${@:2}"; }

field() { timeout 5 scontrol show job "$1" | tr ' ' '\n' | sed -n "s/^$2=//p"; }

# usage: await_step JOB METRICS STEP      waits until the run has done so many steps
await_step() {
  until [ "$({ wc -l <"$2"; } 2>/dev/null || echo 0)" -ge "$3" ]; do
    case "$(field "$1" JobState)" in
      PENDING | CONFIGURING | RUNNING | COMPLETING | REQUEUED) sleep 0.05 ;;
      *) echo "job $1 is $(field "$1" JobState) before step $3" >&2; return 1 ;;
    esac
  done
}

# usage: await_end JOB      prints the state in which the job ended, its exit code and how often it was requeued
await_end() {
  local state
  while :; do
    state="$(field "$1" JobState)"
    case "$state" in
      COMPLETED | FAILED | CANCELLED | TIMEOUT | NODE_FAIL) break ;;
      # A requeued job waits until its old credentials have expired. Started before, its steps are refused, and srun ends with 0.
    esac
    sleep 0.2
  done
  echo "$state, exit code $(field "$1" ExitCode), requeued $(field "$1" Restarts) times"
}
