namespace Altiplano.Planning.Costs.Steps;

/// <summary>What memory of a training step is for.</summary>
public enum StepPart
{
    /// <summary>Of which layers read, as they lie between steps.</summary>
    Weights,

    /// <summary>Weights of other ranks too, for the time in which a block uses them.</summary>
    GatheredWeights,
    Gradients,

    /// <summary>Gradients of a microbatch until they are summed into the shard of them that stays.</summary>
    GradientBuffers,

    /// <summary>Master weights and moments.</summary>
    Optimizer,

    /// <summary>What outlives the pass that made it, for a later pass of the same microbatch.</summary>
    Activations,

    /// <summary>What passes between pipeline stages, until it has left or is used.</summary>
    Messages,

    /// <summary>What no pass outlives.</summary>
    Temporaries,

    /// <summary>Cosines and sines of positions.</summary>
    Tables,
}
