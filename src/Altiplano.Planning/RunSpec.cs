using Altiplano.Planning.Architecture;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Machines;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning;

/// <summary>What is computed and how it is laid out: all that a plan needs to know of a run.</summary>
public sealed record RunSpec
{
    public required ModelSpec Model { get; init; }
    public MeshSpec Mesh { get; init; } = new();
    public ParallelSpec Parallel { get; init; } = new();
    public required BatchSpec Batch { get; init; }

    /// <summary>In the order in which they come; none for a run that is the same from its first token to its last.</summary>
    public IReadOnlyList<PhaseSpec> Phases { get; init; } = [];

    public Precision Precision { get; init; } = Precision.Fp32;

    /// <summary>The machines that the run is planned for; null where nobody said.</summary>
    public ClusterSpec? Cluster { get; init; }

    /// <summary>The calibrated machine that the run is planned for, in the place of a cluster.</summary>
    public MachineSpec? Machine { get; init; }

    /// <summary>Everything that one process cannot do, or that is not decided yet, with the run file's paths.</summary>
    public IReadOnlyList<string> FindProblemsOnOneProcess()
    {
        var problems = new ProblemList("");
        if (!Model.IsDenseLlama)
            problems.Require(false, "model", Model.Name, ModelSpec.OnlyPlanned);
        problems.AddRange(Mesh.FindProblemsOnOneProcess("mesh"));
        problems.AddRange(Parallel.FindProblemsOnOneProcess("parallel"));
        problems.AddRange(Batch.FindProblemsOnOneProcess("batch"));
        problems.Require(
            Phases.Count == 0, "phases", $"a list of {Phases.Count}",
            "one process trains with one batch and one length of sequence. Remove phases, and run one file for each, " +
            "each starting from the weights of the one before.");
        problems.Require(
            Precision != Precision.Fp8, "run.precision", "fp8",
            "one process trains in fp32, fp64 or bf16; fp8 can only be planned. Use bf16.");
        return problems.Problems;
    }
}
