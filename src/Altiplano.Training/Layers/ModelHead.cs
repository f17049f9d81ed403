using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>Final norm, output projection and loss: the end of the last chunk.</summary>
public sealed class ModelHead
{
    private readonly ParameterStore _parameters;
    private readonly RmsNorm _norm;
    private readonly LossHead _lmHead;
    private readonly IReadOnlyList<ParameterGroup> _final;

    /// <param name="embedding">The embedding table where this rank has it as an embedding too, else null.</param>
    internal ModelHead(ParameterStore parameters, Parameter? embedding, int chunkRows)
    {
        var model = parameters.Architecture;
        var tied = model.TieWordEmbeddings;
        _parameters = parameters;
        _norm = new RmsNorm(parameters.View(ParameterTable.FinalNormName), model.RmsNormEps);
        var weight = tied
            ? embedding ?? parameters.View(ParameterTable.EmbeddingName)
            : parameters.View(ParameterTable.HeadName);
        _lmHead = new LossHead(weight, chunkRows, parameters.Tp);
        Block = tied
            ? parameters.Block(ParameterTable.FinalNormName, ParameterTable.EmbeddingName)
            : parameters.Block(ParameterTable.FinalNormName);
        _final = tied && embedding is not null ? parameters.Block(ParameterTable.FinalNormName).Groups : Block.Groups;
    }

    /// <summary>What is read: norm and head, or the embedding in its place where they are tied.</summary>
    internal ParameterBlock Block { get; }

    /// <summary>Losses and all gradients in one pass; disposes x.</summary>
    /// <param name="losses_R">[R] of f64, written.</param>
    /// <param name="isLast">True for the step's last microbatch.</param>
    /// <returns>dx; the caller disposes it.</returns>
    public Tensor ForwardBackward(Tensor losses_R, Tensor x_RD, PackedBatch batch, double scale, bool isLast)
    {
        Block.OpenGradients();
        var (normed_RD, inverseRms_R) = _norm.Forward(x_RD);
        var dNormed_RD = _lmHead.ForwardBackward(losses_R, normed_RD, batch.Targets_R, scale);
        normed_RD.Dispose();
        var dx_RD = _norm.BackwardInput(dNormed_RD, x_RD, inverseRms_R, residual_RD: null);
        _norm.BackwardWeight(dNormed_RD, x_RD, inverseRms_R);
        dNormed_RD.Dispose();
        inverseRms_R.Dispose();
        x_RD.Dispose();
        // A tied table that is the embedding too gets its last gradient there.
        _parameters.StartReduce(_final, isLast);
        return dx_RD;
    }

    /// <summary>Losses alone; x stays the caller's.</summary>
    public void Forward(Tensor losses_R, Tensor x_RD, PackedBatch batch)
    {
        using var normed_RD = _norm.ForwardOnly(x_RD);
        _lmHead.Forward(losses_R, normed_RD, batch.Targets_R);
    }

    /// <summary>[R, V_tp]; the caller disposes it.</summary>
    public Tensor Logits(Tensor x_RD)
    {
        using var normed_RD = _norm.ForwardOnly(x_RD);
        return _lmHead.Logits(normed_RD);
    }
}
