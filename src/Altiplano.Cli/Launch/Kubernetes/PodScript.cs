namespace Altiplano.Cli.Launch.Kubernetes;

/// <summary>Starts the ranks of one pod, passes signals on to them, and ends with the code of the first that fails.</summary>
internal static class PodScript
{
    /// <remarks>The program and its arguments are the script's own ($@), so that nothing of them is read as code.</remarks>
    public const string Text = """
        ranks=()
        tell() { kill -s "$1" "${ranks[@]}" 2>/dev/null; }
        # A signal that comes while ranks are still being started is passed on once all are.
        early=
        trap 'early=TERM' TERM
        trap 'early=USR1' USR1
        for ((i = 0; i < LOCAL_WORLD_SIZE; i++)); do
          RANK=$((JOB_COMPLETION_INDEX * LOCAL_WORLD_SIZE + i)) LOCAL_RANK=$i "$@" &
          ranks+=($!)
        done
        trap 'tell TERM' TERM
        trap 'tell USR1' USR1
        [ -z "$early" ] || tell "$early"
        code=0
        while [ ${#ranks[@]} -gt 0 ]; do
          # 'wait' alone ends early on a signal, which is so passed on at once.
          sleep 1 &
          wait $!
          for i in "${!ranks[@]}"; do
            kill -0 "${ranks[i]}" 2>/dev/null && continue
            wait "${ranks[i]}"
            ended=$?
            unset "ranks[i]"
            if [ "$ended" -ne 0 ] && [ "$code" -eq 0 ]; then
              code=$ended
              tell TERM
              limit=$((SECONDS + ${KILL_WAIT:-30}))
            fi
          done
          # The others may wait for the one that ended.
          [ "$code" -eq 0 ] || [ "$SECONDS" -lt "$limit" ] || tell KILL
        done
        exit "$code"

        """;
}
