using System.Runtime.ExceptionServices;
using Altiplano.Distributed;
using Altiplano.Planning;
using Altiplano.Planning.Mesh;

namespace Altiplano.Training.Tracing.Jobs;

/// <summary>What the check of a whole job found.</summary>
/// <param name="Problems">Empty where the job cannot deadlock.</param>
/// <param name="NumOperations">Operations among ranks of one step, over all ranks.</param>
/// <param name="NumGroups">Groups of all axes on which something is done.</param>
/// <param name="NumPatterns">Different ones among them: each of those was compared.</param>
public sealed record JobReport(
    IReadOnlyList<string> Problems, IReadOnlyList<ClassReport> Classes, long NumOperations, int NumGroups, int NumPatterns);

/// <summary>A class of ranks and what each of its ranks does in a step.</summary>
public sealed record ClassReport(RankClass Ranks, int NumOperations, double Flops, long PeakBytes);

/// <summary>Proves of a whole job, by classes of ranks, that no rank waits for ever.</summary>
public static class JobCheck
{
    /// <param name="fault">A mistake to plant first; null for none.</param>
    /// <param name="threads">Classes that are traced at a time.</param>
    /// <exception cref="ConfigException">There is no such rank or operation to break.</exception>
    public static JobReport Run(StepSetting setting, int threads, PlantedFault? fault = null)
    {
        var mesh = setting.Layout.Mesh;
        if (fault is not null && fault.Rank >= mesh.World)
            throw new ConfigException($"The fault is on rank {fault.Rank}, but the job has {mesh.World} ranks. Use {mesh.World - 1} or less.");
        var classes = RankClasses.Of(setting, fault?.Rank);
        var groups = JobGroups.Of(mesh);
        var traced = Trace(setting, classes, fault, threads);
        var programs = new JobPrograms([.. traced.Select(one => one.Program)]);
        var patterns = GroupPatterns.Of(groups, classes, programs.Axes);
        var problems = groups.FindProblems()
            .Concat(patterns.SelectMany(pattern => new GroupCheck(programs, pattern, rank => RankName.Of(mesh, rank)).FindProblems())).Distinct().ToList();
        if (problems.Count == 0 && new JobExecution(programs, patterns).FindDeadlock() is { } deadlock)
            problems.Add(Describe(deadlock, classes, mesh));
        return new JobReport(
            problems, [.. traced.Select(one => one.Report)], traced.Sum(one => (long)one.Report.NumOperations * one.Report.Ranks.Count),
            programs.Axes.Sum(axis => groups.ByAxis[axis].Count), patterns.Count);
    }

    private static (RankProgram Program, ClassReport Report)[] Trace(StepSetting setting, RankClasses classes, PlantedFault? fault, int threads)
    {
        var traced = new (RankProgram, ClassReport)[classes.All.Count];
        try
        {
            System.Threading.Tasks.Parallel.For(
                0, traced.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, index => traced[index] = Trace(setting, classes.All[index], fault));
        }
        catch (AggregateException failures)
        {
            ExceptionDispatchInfo.Throw(failures.Flatten().InnerExceptions[0]);
        }

        return traced;
    }

    private static (RankProgram Program, ClassReport Report) Trace(StepSetting setting, RankClass ranks, PlantedFault? fault)
    {
        var trace = ShapeStep.Run(setting, ranks.First);
        var program = RankProgram.Of(trace, ranks.First);
        RequireSpeaker(setting, ranks, program);
        if (ranks.Fingerprint.IsBroken)
            program = fault!.ApplyTo(program);
        return (program, new ClassReport(ranks, program.Operations.Length, trace.Flops, StepMemory.Of(trace).PeakBytes));
    }

    /// <summary>The rank that differs most from the one that speaks for the class must do the same: else the fingerprint lacks something.</summary>
    private static void RequireSpeaker(StepSetting setting, RankClass ranks, RankProgram program)
    {
        if (ranks.Last != ranks.First && !RankProgram.Of(ShapeStep.Run(setting, ranks.Last), ranks.Last).Equals(program))
        {
            throw new InvalidOperationException(
                $"Ranks {ranks.First} and {ranks.Last} are of one class, but their steps differ: {nameof(RankFingerprint)} lacks what they differ by.");
        }
    }

    private static string Describe(IReadOnlyList<Waiting> deadlock, RankClasses classes, MeshShape mesh)
    {
        var names = deadlock.Select(waiting =>
            $"{Name(waiting.Class)} waits in {waiting.Operation.Describe()} #{waiting.Number} on axis {waiting.Operation.Axis} for {Name(waiting.For)}" +
            (waiting.IsOver ? ", whose step is over" : ""));
        return $"The step never ends: {string.Join("; ", names)}.";

        string Name(int index) => classes.All[index] is { Count: > 1 } many
            ? $"{RankName.Of(mesh, many.First)} and its like, {many.Count:N0} ranks,"
            : RankName.Of(mesh, classes.All[index].First);
    }
}
