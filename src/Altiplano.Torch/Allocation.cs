namespace Altiplano.Torch;

/// <summary>What memory is for, as far as whoever allocates it says.</summary>
public enum MemoryPart
{
    /// <summary>Whatever a step works on: activations, their gradients, what passes between ranks.</summary>
    Working,
    Weights,
    Gradients,

    /// <summary>Master weights and moments.</summary>
    Optimizer,

    /// <summary>What is on its way from or to another rank.</summary>
    Messages,
}

/// <summary>The storage of one tensor.</summary>
/// <param name="Id">Its number among all that the engine handed out, from 1.</param>
public readonly record struct Allocation(long Id, long Bytes, MemoryPart Part);

/// <summary>The time in which an engine's allocations belong to one part; the part before it is back when it is disposed.</summary>
public readonly ref struct MemoryScope
{
    private readonly Engine _engine;
    private readonly MemoryPart _before;

    internal MemoryScope(Engine engine, MemoryPart part)
    {
        (_engine, _before) = (engine, engine.Part);
        engine.Part = part;
    }

    public void Dispose() => _engine.Part = _before;
}
