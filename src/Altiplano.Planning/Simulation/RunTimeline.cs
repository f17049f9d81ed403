using Altiplano.Planning.Reliability;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Simulation;

/// <summary>What happened to a run at one moment.</summary>
/// <param name="Kind">
/// One of <c>failure</c>, <c>training</c>, <c>waiting</c>, <c>repaired</c>, <c>slow_server</c>, <c>slow_server_removed</c>,
/// <c>replica_back</c>, <c>end</c>.
/// </param>
/// <param name="Component">What failed; null for other kinds.</param>
/// <param name="Lost">Work that a failure undid.</param>
/// <param name="InRepair">Servers in repair after the event.</param>
/// <param name="Work">Work done so far and not undone, in seconds of training at full speed.</param>
public readonly record struct RunEvent(
    Seconds Time, string Kind, FailureComponent? Component, Seconds Lost, int InRepair, Seconds Work);

/// <summary>A stretch of time with one draw of power.</summary>
/// <param name="Megawatts">All GPUs with their share of the servers, spares included; without cooling.</param>
public readonly record struct PowerSample(Seconds Start, Seconds Length, RunState State, double Megawatts);

/// <summary>The full story of one run, for those who look at it.</summary>
public sealed class RunTimeline
{
    private readonly List<Stretch> _stretches = [];
    private readonly List<RunEvent> _events = [];

    public IReadOnlyList<RunEvent> Events => _events;

    /// <summary>Power over time, neighbours in one state joined, every checkpoint spelled out.</summary>
    public IEnumerable<PowerSample> PowerTrace(SimulatedRunSpec spec)
    {
        var spares = (double)spec.Spares * spec.GpusPerServer * spec.Power.Idle;
        var open = default(PowerSample);
        foreach (var (state, start, seconds) in Unrolled())
        {
            if (seconds == 0)
                continue;
            if (open.Length.Value > 0 && open.State == state)
            {
                open = open with { Length = new Seconds(start + seconds) - open.Start };
                continue;
            }

            if (open.Length.Value > 0)
                yield return open;
            var watts = (spec.Scale.Gpus * spec.Power.Of(state)) + spares;
            open = new PowerSample(new Seconds(start), new Seconds(seconds), state, watts / 1e6);
        }

        if (open.Length.Value > 0)
            yield return open;
    }

    internal void Spend(RunState state, double start, double seconds) => _stretches.Add(new Stretch(state, start, seconds, 1, 0));

    /// <summary>So many times a checkpoint and the training after it.</summary>
    internal void Repeat(double start, long times, double saving, double training) =>
        _stretches.Add(new Stretch(RunState.Training, start, training, times, saving));

    internal void Add(RunEvent happening) => _events.Add(happening);

    private IEnumerable<(RunState State, double Start, double Seconds)> Unrolled()
    {
        foreach (var stretch in _stretches)
        {
            for (var i = 0L; i < stretch.Times; i++)
            {
                var start = stretch.Start + (i * (stretch.Saving + stretch.Seconds));
                if (stretch.Saving > 0)
                    yield return (RunState.Checkpoint, start, stretch.Saving);
                yield return (stretch.State, start + stretch.Saving, stretch.Seconds);
            }
        }
    }

    private readonly record struct Stretch(RunState State, double Start, double Seconds, long Times, double Saving);
}
