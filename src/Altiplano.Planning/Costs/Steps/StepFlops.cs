using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs.Steps;

/// <summary>Closed form of the floating-point operations of one step of the trainer on one rank, recompute included.</summary>
/// <remarks>A multiply-add counts two. A trace of the same step has the same sums, exactly while they stay below 2^53.</remarks>
public sealed class StepFlops
{
    private readonly StepShape _shape;
    private readonly SortedDictionary<string, double> _flops = [];

    private StepFlops(StepShape shape) => _shape = shape;

    /// <summary>By operator, with the names of traces; operators that only move bytes are left out.</summary>
    public static IReadOnlyDictionary<string, double> Of(StepShape shape)
    {
        var flops = new StepFlops(shape);
        foreach (var chunk in shape.Chunks)
        {
            var passes = (double)shape.MicroBatches;
            flops.AddForward(passes * chunk.NumLayers * (shape.Layout.Recompute == Recompute.Full ? 2 : 1));
            flops.AddBackwardInput(passes * chunk.NumLayers);
            flops.AddBackwardWeight(passes * chunk.NumLayers);
            if (chunk.IsFirst)
                flops.Add("embedding_backward", passes * shape.CpRows * shape.D);
            if (chunk.IsLast)
                flops.AddHead(passes);
        }

        flops.AddOptimizer();
        return flops._flops;
    }

    private double Residual => (double)_shape.TpRows * _shape.D;

    private double Attention => 4 * _shape.AttentionPairs * _shape.Heads * _shape.Model.HeadDim;

    private string AttentionName => _shape.Layout.Cp == 1 ? "attention" : "keyed_attention";

    /// <param name="passes">Layers times microbatches.</param>
    private void AddForward(double passes)
    {
        Add("rms_norm", passes * 2 * 4 * Residual);
        Add("mm", passes * (Product(_shape.D, _shape.QkvWidth) + Product(_shape.D, 2 * _shape.F)));
        Add("rotate", passes * Rotation);
        Add(AttentionName, passes * Attention);
        Add("swiglu", passes * 5 * _shape.CpRows * _shape.F);
        // On one tp rank the residual's sum comes with the product; else it follows the reduce-scatter.
        Add(_shape.Tp == 1 ? "addmm" : "mm", passes * (Product(_shape.OutputWidth, _shape.D) + Product(_shape.F, _shape.D)));
        if (_shape.Tp > 1)
            Add("add", passes * 2 * Residual);
    }

    private void AddBackwardInput(double passes)
    {
        Add("mm", passes * Matrices);
        Add("swiglu_backward", passes * 11 * _shape.CpRows * _shape.F);
        Add(AttentionName + "_backward", passes * 2.5 * Attention);
        if (_shape.HasRing)
            Add("add", passes * (_shape.Layout.Cp - 1) * _shape.CpRows * _shape.KeyValueWidth);
        Add("rotate", passes * Rotation);
        Add("rms_norm_backward_input", passes * 2 * 8 * Residual);
    }

    private void AddBackwardWeight(double passes)
    {
        Add("mm", passes * Matrices);
        Add("rms_norm_backward_weight", passes * 2 * 3 * Residual);
        if (_shape.Layout.Recompute != Recompute.Selective)
            return;
        Add("rms_norm", passes * 2 * 4 * Residual);
        Add("swiglu", passes * 5 * _shape.CpRows * _shape.F);
    }

    private void AddHead(double passes)
    {
        var logits = (double)_shape.CpRows * _shape.V;
        Add("rms_norm", passes * 4 * Residual);
        Add("mm", passes * 3 * Product(_shape.D, _shape.V));
        Add("rms_norm_backward_input", passes * 8 * Residual);
        Add("rms_norm_backward_weight", passes * 3 * Residual);
        if (_shape.Tp == 1)
        {
            Add("cross_entropy", passes * 6 * logits);
            return;
        }

        Add("row_maxima", passes * logits);
        Add("exponential_sums", passes * 3 * logits);
        Add("losses_from_sums", passes * 2 * _shape.CpRows);
        Add("gradient_from_sums", passes * logits);
    }

    private void AddOptimizer()
    {
        var kept = (double)FlatGroups.OfRank(_shape).Sum(group => group.PartLength(_shape.NumParts));
        Add("sum_of_squares", 2 * kept);
        Add("adamw", 15 * kept);
        // Each microbatch's sum over the ranks is added to those before.
        if (!_shape.KeepsGradients)
            Add("add", (_shape.MicroBatches - 1) * kept);
    }

    /// <summary>All four products of a layer, once.</summary>
    private double Matrices => Product(_shape.D, _shape.QkvWidth + _shape.OutputWidth + 3 * _shape.F);

    private double Rotation => 3.0 * _shape.CpRows * (_shape.Heads + _shape.KeyHeads) * _shape.Model.HeadDim;

    private double Product(long k, long n) => 2.0 * _shape.CpRows * k * n;

    private void Add(string name, double flops)
    {
        if (flops > 0)
            _flops[name] = _flops.GetValueOrDefault(name) + flops;
    }
}
