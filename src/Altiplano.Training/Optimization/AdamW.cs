using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;

namespace Altiplano.Training.Optimization;

/// <summary>AdamW over a model's flat groups: decoupled weight decay on matrices, none on norms.</summary>
public sealed class AdamW : IDisposable
{
    private readonly ParameterStore _parameters;
    private readonly OptimizerConfig _config;
    private readonly Dictionary<ParameterGroup, (Tensor First, Tensor Second)> _moments;

    public AdamW(ParameterStore parameters, OptimizerConfig config)
    {
        _parameters = parameters;
        _config = config;
        using var scope = parameters.Engine.Allocating(MemoryPart.Optimizer);
        _moments = parameters.Groups.ToDictionary(
            group => group,
            group => (parameters.Engine.Zeros(group.Master.Type, group.Master.NumElements),
                parameters.Engine.Zeros(group.Master.Type, group.Master.NumElements)));
    }

    /// <summary>Updates made so far: the bias correction, saved with the moments.</summary>
    public long NumUpdates { get; set; }

    /// <summary>Running mean of a group's gradients, [P].</summary>
    public Tensor FirstMoments(ParameterGroup group) => _moments[group].First;

    /// <summary>Running mean of a group's squared gradients, [P].</summary>
    public Tensor SecondMoments(ParameterGroup group) => _moments[group].Second;

    /// <summary>Norm of all gradients together, on all ranks; a tied or replicated matrix counts once.</summary>
    /// <param name="alongside">Numbers that travel with the sum over tp, which they become.</param>
    /// <remarks>
    /// Collectives: all-reduces of one value a group over dp_shard x cp, where the gradients are sharded, else over ep, over tp, and of one
    /// value over pp. All parts of all experts lie on dp_shard x cp.
    /// </remarks>
    public double GradientNorm(params Span<double> alongside)
    {
        var (engine, groups, sharding) = (_parameters.Engine, _parameters.Groups, _parameters.Sharding);
        double[] squares = [.. groups.Select(group => engine.SumOfSquares(group.Gradients))];
        if (sharding.NumParts > 1)
            squares = sharding.Axis.Sum(engine, squares);
        else
            squares = [.. sharding.Mesh.Ep.Sum(engine, squares).Select((sum, i) => groups[i].IsOfExperts ? sum : squares[i])];
        var overTp = sharding.Mesh.Tp.Sum(engine, [.. squares, .. alongside]);
        overTp.AsSpan(squares.Length).CopyTo(alongside);
        var own = groups.Select((group, i) => group.IsReplica ? 0 : group.IsReplicatedOverTp ? squares[i] : overTp[i]).Sum();
        return Math.Sqrt(sharding.Mesh.Pp.Sum(engine, own)[0]);
    }

    /// <summary>The factor that brings a gradient of this norm under the configured limit.</summary>
    public double ClippingScale(double norm) => norm > _config.MaxGradNorm ? _config.MaxGradNorm / norm : 1;

    /// <summary>One update of every weight.</summary>
    public void Update(double learningRate, double gradientScale)
    {
        NumUpdates++;
        foreach (var (group, (first, second)) in _moments)
        {
            var decay = group.IsDecayed ? _config.WeightDecay : 0;
            _parameters.Engine.AdamW(group.Master, group.Gradients, first, second, new AdamWStep(
                NumUpdates, learningRate, _config.Betas.Mean, _config.Betas.Square, _config.Eps, decay, gradientScale));
            group.StartRefresh();
        }

        foreach (var group in _moments.Keys)
            group.CompleteRefresh();
    }

    public void Dispose()
    {
        foreach (var (first, second) in _moments.Values)
        {
            first.Dispose();
            second.Dispose();
        }
    }
}
