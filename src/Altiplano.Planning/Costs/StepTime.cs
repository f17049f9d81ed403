namespace Altiplano.Planning.Costs;

/// <summary>Where the seconds of a step go on the slowest pipeline rank; the parts add up to <see cref="Total"/>.</summary>
/// <remarks>Communication counts only what compute does not hide.</remarks>
public readonly record struct StepTime
{
    /// <summary>Products of tokens with weights, forward and backward.</summary>
    public double Matrices { get; init; }

    /// <summary>Scores, softmax and their product with the values, forward and backward.</summary>
    public double Attention { get; init; }

    /// <summary>Norms, activations, residuals, embedding and loss: bound by memory bandwidth.</summary>
    public double Elementwise { get; init; }

    /// <summary>Forward work done again in the backward pass.</summary>
    public double Recompute { get; init; }

    /// <summary>
    /// Time that the host needs to launch kernels beyond what the GPU is busy, and the wait for the slowest of all hosts
    /// (<see cref="TimeCoefficients.HostDelay"/>).
    /// </summary>
    public double Launch { get; init; }

    public double TensorParallel { get; init; }
    public double ContextParallel { get; init; }
    public double ExpertParallel { get; init; }

    /// <summary>Sends and receives between stages.</summary>
    public double PipelineTransfers { get; init; }

    /// <summary>Idle time of the fill and the drain, and of waiting for slower stages.</summary>
    public double Bubble { get; init; }

    /// <summary>Gathers of parameters and reductions of gradients.</summary>
    public double DataParallel { get; init; }

    public double Optimizer { get; init; }

    /// <summary>Waiting for the slowest of all ranks.</summary>
    public double Stragglers { get; init; }

    public double Compute => Matrices + Attention + Elementwise + Recompute + Launch;

    public double Communication => TensorParallel + ContextParallel + ExpertParallel + PipelineTransfers + DataParallel;

    public double Total => Compute + Communication + Bubble + Optimizer + Stragglers;
}
