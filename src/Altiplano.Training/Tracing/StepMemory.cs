using Altiplano.Distributed;
using Altiplano.Planning.Costs.Steps;
using Altiplano.Torch;

namespace Altiplano.Training.Tracing;

/// <summary>Bytes by part.</summary>
public readonly record struct PartBytes(long[] Bytes)
{
    public long this[StepPart part] => Bytes[(int)part];

    public long Total => Bytes.Sum();
}

/// <summary>The most that was alive at once in one action, or before (null) or behind all of them.</summary>
public sealed record ActionMemory(int? Action, PartBytes Peak);

/// <summary>Storages alive at a place that are for the same and were made by the same operator.</summary>
public sealed record AliveMemory(StepPart Part, string MadeBy, int Count, long Bytes);

/// <summary>The memory of a traced step over time, by part.</summary>
public sealed class StepMemory
{
    private static readonly int NumParts = Enum.GetValues<StepPart>().Length;

    private readonly StepTrace _trace;
    private readonly List<ActionMemory> _actions = [];
    private readonly long[] _peaks = new long[NumParts];

    private StepMemory(StepTrace trace) => _trace = trace;

    /// <summary>The most bytes alive at once.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Where that was.</summary>
    public int PeakPlace { get; private set; }

    /// <summary>What was alive there.</summary>
    public PartBytes AtPeak { get; private set; }

    /// <summary>The most bytes of each part on its own, each at a time of its own.</summary>
    public PartBytes Peaks => new(_peaks);

    /// <summary>In order: before the actions, each of them, behind them.</summary>
    public IReadOnlyList<ActionMemory> Actions => _actions;

    public static StepMemory Of(StepTrace trace)
    {
        var memory = new StepMemory(trace);
        memory.Walk();
        return memory;
    }

    /// <summary>What is alive just before an event, the largest first.</summary>
    public IReadOnlyList<AliveMemory> AliveAt(int place)
    {
        var alive = from life in _trace.Allocations
                    where (life.Place ?? -1) <= place && (life.ReleasePlace ?? int.MaxValue) > place
                    group life by (Part: PartOf(life), MadeBy: MakerOf(life)) into same
                    select new AliveMemory(same.Key.Part, same.Key.MadeBy, same.Count(), same.Sum(life => life.Bytes));
        return [.. alive.OrderByDescending(group => group.Bytes).ThenBy(group => group.Part)];
    }

    /// <summary>What a storage is for.</summary>
    public static StepPart PartOf(in TracedAllocation life) => life.Part switch
    {
        MemoryPart.Weights => life.Place is null ? StepPart.Weights : StepPart.GatheredWeights,
        MemoryPart.Gradients => life.Place is null ? StepPart.Gradients : StepPart.GradientBuffers,
        MemoryPart.Optimizer => StepPart.Optimizer,
        MemoryPart.Messages => StepPart.Messages,
        _ when life.Place is null => StepPart.Tables,
        _ => life.Action == life.ReleaseAction ? StepPart.Temporaries : StepPart.Activations,
    };

    private string MakerOf(in TracedAllocation life)
    {
        if (life.Place is not { } place)
            return "";
        if (life.Part is MemoryPart.Weights or MemoryPart.Gradients)
            return CollectiveKind.AllGather.Name();
        var limit = life.Operator < _trace.Operators.Count ? _trace.Operators[life.Operator].Place : int.MaxValue;
        var collective = FirstCollectiveFrom(place);
        if (collective < _trace.Collectives.Count && _trace.Collectives[collective].Place < limit)
            return _trace.Collectives[collective].Record.Kind.Name();
        return life.Operator < _trace.Operators.Count ? _trace.Operators[life.Operator].Call.Name : "";
    }

    private int FirstCollectiveFrom(int place)
    {
        var (low, high) = (0, _trace.Collectives.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _trace.Collectives[middle].Place < place ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void Walk()
    {
        var (now, total) = (new long[NumParts], 0L);
        foreach (var life in _trace.Allocations.Where(life => life.Place is null))
        {
            now[(int)PartOf(life)] += life.Bytes;
            total += life.Bytes;
        }

        now.CopyTo(_peaks, 0);
        (PeakBytes, AtPeak) = (total, new PartBytes([.. now]));
        var action = new ActionPeak(null, total, [.. now]);
        var changes = Changes();
        for (var place = 0; place < changes.Length; place++)
        {
            if (changes[place] == 0)
                continue;
            var life = _trace.Allocations[Math.Abs(changes[place]) - 1];
            var (part, bytes) = ((int)PartOf(life), changes[place] > 0 ? life.Bytes : -life.Bytes);
            var current = changes[place] > 0 ? life.Action : life.ReleaseAction;
            if (current != action.Action)
                action = action.Next(_actions, current, total, now);
            now[part] += bytes;
            total += bytes;
            _peaks[part] = Math.Max(_peaks[part], now[part]);
            action.See(total, now);
            if (total <= PeakBytes)
                continue;
            (PeakBytes, PeakPlace) = (total, place);
            now.CopyTo(AtPeak.Bytes, 0);
        }

        action.Close(_actions);
    }

    /// <summary>For each place: the number of the storage that is made there, counted from 1, below 0 where it is let go; 0 for neither.</summary>
    private int[] Changes()
    {
        var changes = new int[_trace.NumEvents];
        for (var i = 0; i < _trace.Allocations.Count; i++)
        {
            if (_trace.Allocations[i].Place is { } made)
                changes[made] = i + 1;
            if (_trace.Allocations[i].ReleasePlace is { } released)
                changes[released] = -i - 1;
        }

        return changes;
    }

    private sealed class ActionPeak(int? action, long total, long[] parts)
    {
        private long _peak = total;

        public int? Action => action;

        public void See(long total, long[] now)
        {
            if (total <= _peak)
                return;
            _peak = total;
            now.CopyTo(parts, 0);
        }

        public ActionPeak Next(List<ActionMemory> closed, int? next, long total, long[] now)
        {
            Close(closed);
            return new ActionPeak(next, total, [.. now]);
        }

        public void Close(List<ActionMemory> closed) => closed.Add(new ActionMemory(action, new PartBytes(parts)));
    }
}
