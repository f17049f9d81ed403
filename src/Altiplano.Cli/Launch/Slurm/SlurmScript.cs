namespace Altiplano.Cli.Launch.Slurm;

/// <summary>The batch script of a job: sbatch reads its head, bash its body on the first node.</summary>
internal static class SlurmScript
{
    public static string Of(SlurmJob job) => $$"""
        #!/bin/bash
        # Written by 'altiplano launch --slurm': {{job.Size.Describe()}}.
        {{string.Join('\n', Directives(job))}}
        set -u

        # Slurm requeues a job whose node is lost by itself, so the limit is looked at here too.
        max_requeues={{job.MaxRequeues}}
        restarts="${SLURM_RESTART_COUNT:-0}"
        if [ "$restarts" -gt "$max_requeues" ]; then
          echo "job $SLURM_JOB_ID has been requeued $restarts times, and the limit is $max_requeues: not started again" >&2
          exit 1
        fi
        echo "job $SLURM_JOB_ID, start $((restarts + 1)), on $SLURM_JOB_NODELIST"

        export TERM=dumb OMP_NUM_THREADS={{job.CpusPerTask}}
        {{(job.Pmi == "pmi2" ? "export ALTIPLANO_MPI_LIB=\"${ALTIPLANO_MPI_LIB:-libmpich.so.12}\"\n" : "")}}{{ShellText.Join(Launched(job))}}
        code=$?

        # 75: saved and stopped, or other ranks were waited for in vain. 137, 143: a process was killed. All go on from the last checkpoint.
        case "$code" in
          75 | 137 | 143)
            if [ "$restarts" -lt "$max_requeues" ]; then
              echo "job $SLURM_JOB_ID ended with $code; requeued for start $((restarts + 2)) of at most $((max_requeues + 1))"
              scontrol requeue "$SLURM_JOB_ID"
            else
              echo "job $SLURM_JOB_ID ended with $code and has been requeued $restarts times, which is the limit" >&2
            fi
            ;;
        esac
        exit "$code"

        """;

    private static IEnumerable<string> Directives(SlurmJob job)
    {
        var size = job.Size;
        yield return $"#SBATCH --job-name={job.Name}";
        yield return $"#SBATCH --nodes={size.Nodes}";
        yield return $"#SBATCH --ntasks={size.World}";
        yield return $"#SBATCH --ntasks-per-node={size.RanksPerNode}";
        yield return $"#SBATCH --cpus-per-task={job.CpusPerTask}";
        if (size.HasGpus)
            yield return $"#SBATCH --gpus-per-node={size.RanksPerNode}";
        foreach (var (option, value) in new[]
        {
            ("partition", job.Partition), ("account", job.Account), ("qos", job.Qos), ("constraint", job.Constraint), ("time", job.Time),
            ("switches", job.Switches),
        })
        {
            if (value is not null)
                yield return $"#SBATCH --{option}={value}";
        }

        if (job.IsContiguous)
            yield return "#SBATCH --contiguous";
        if (job.IsExclusive)
            yield return "#SBATCH --exclusive";
        yield return "#SBATCH --requeue";
        yield return "#SBATCH --open-mode=append";
        yield return $"#SBATCH --signal=USR1@{job.GraceSeconds}";
        yield return $"#SBATCH --output=\"{job.Log}\"";
    }

    /// <summary>What the script runs: srun, the container where there is one, and the program.</summary>
    private static IEnumerable<string> Launched(SlurmJob job)
    {
        string[] srun = ["srun", $"--mpi={job.Pmi}", "--kill-on-bad-exit=1", $"--cpus-per-task={job.CpusPerTask}"];
        if (job.Container is null)
            return [.. srun, .. job.Command];
        if (!job.HasApptainer)
            return [.. srun, $"--container-image={job.Container}", $"--container-mounts={string.Join(',', job.Mounts.Select(m => $"{m}:{m}"))}", .. job.Command];
        string[] gpus = job.Size.HasGpus ? ["--nv"] : [];
        return [.. srun, "apptainer", "exec", .. gpus, "--bind", string.Join(',', job.Mounts), job.Container, .. job.Command];
    }
}
