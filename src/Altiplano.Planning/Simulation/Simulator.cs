using System.Collections.Immutable;

namespace Altiplano.Planning.Simulation;

/// <summary>Plays runs of weeks or months under failures.</summary>
public static class Simulator
{
    /// <summary>Plays seeds <paramref name="firstSeed"/>, <paramref name="firstSeed"/> + 1, ... side by side.</summary>
    /// <param name="threads">Has no influence on the result.</param>
    /// <exception cref="ConfigException">The run has problems, all of which are listed.</exception>
    public static SimulationResult Run(SimulatedRunSpec spec, long firstSeed, int seeds, int threads)
    {
        ConfigException.ThrowIfAny(spec.FindProblems("run"));
        var table = new FailureTable(spec);
        var runs = new SimulatedRun[seeds];
        Parallel.For(0, seeds, new ParallelOptions { MaxDegreeOfParallelism = threads },
            i => runs[i] = new RunSimulation(spec, table, firstSeed + i, timeline: null).Play());
        return new SimulationResult { Spec = spec, Runs = ImmutableArray.Create(runs) };
    }

    /// <summary>Plays one seed, the same as in <see cref="Run"/>, and keeps its story.</summary>
    /// <exception cref="ConfigException">The run has problems, all of which are listed.</exception>
    public static (SimulatedRun Run, RunTimeline Timeline) Trace(SimulatedRunSpec spec, long seed)
    {
        ConfigException.ThrowIfAny(spec.FindProblems("run"));
        var timeline = new RunTimeline();
        return (new RunSimulation(spec, new FailureTable(spec), seed, timeline).Play(), timeline);
    }
}
