using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;

namespace Altiplano.Tests.Training.Layers;

/// <summary>The portable tiny Llama 3: weights from a sine, so that any implementation can be compared without sharing a generator.</summary>
/// <remarks>value(n, i) = offset + scale · sin(0.7 i + 1.3 n + 0.5), n the number of the tensor, i its row-major index.</remarks>
internal sealed class TinyLlama : IDisposable
{
    public static readonly LlamaArchitecture Architecture = new()
    {
        VocabSize = 32, HiddenSize = 16, IntermediateSize = 24, NumLayers = 2, NumAttentionHeads = 4, NumKeyValueHeads = 2,
        RopeScaling = new RopeScaling(8, 1, 4, 8192),
    };

    public static readonly long[] Tokens = [1, 5, 9, 2, 7, 30, 12, 3];

    /// <summary>Order of the tensor numbers: norm, q, k, v, o, norm, gate, down, up.</summary>
    private static readonly string[] PartsInReferenceOrder =
    [
        "input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
        "post_attention_layernorm", "mlp.gate_proj", "mlp.down_proj", "mlp.up_proj",
    ];

    public TinyLlama(
        LlamaArchitecture? architecture = null, ScalarType type = ScalarType.Float64, Engine? engine = null,
        Recompute recompute = Recompute.None, int chunkRows = 1024, Func<ParameterSpec, double[]>? values = null)
    {
        Model = architecture ?? Architecture;
        Engine = engine ?? NewEngine();
        Parameters = new ParameterStore(Engine, Model, type, withGradients: true);
        foreach (var spec in Parameters.Table)
            SetMaster(spec.Name, (values ?? ReferenceValues)(spec));
        Llama = new LlamaModel(Parameters, new ModelOptions(64, recompute, chunkRows));
    }

    public LlamaArchitecture Model { get; }
    public Engine Engine { get; }
    public ParameterStore Parameters { get; }
    public LlamaModel Llama { get; }

    public static Engine NewEngine(bool fused = true)
    {
        Libtorch.Load();
        return new Engine(Device.Cpu, useFusedKernels: fused);
    }

    /// <summary>One document: each token's target is the next one, the last has none.</summary>
    public PackedBatch Batch() => new(Engine, Tokens, [.. Tokens.Skip(1), LossOperators.IgnoredTarget], [new Segment(0, Tokens.Length)]);

    public void SetMaster(string name, double[] values)
    {
        var group = Parameters.GroupOf(name);
        using var part = group.Part(group.Master, Parameters.Table.Single(s => s.Name == name));
        if (part.Type == ScalarType.Float64)
            Engine.Upload<double>(part, values);
        else
            Engine.Upload<float>(part, [.. values.Select(v => (float)v)]);
        group.RefreshWeights();
    }

    public double[] Master(string name) => Values(name, group => group.Master);

    public double[] Gradient(string name) => Values(name, group => group.Gradients);

    public double GradientNorm(string name) => Math.Sqrt(Gradient(name).Sum(g => g * g));

    /// <summary>Mean loss over valid tokens, with all gradients.</summary>
    public double ForwardBackward(PackedBatch batch)
    {
        Parameters.ForgetGradients();
        using var losses_R = Llama.ForwardBackward(batch, 1.0 / batch.NumValidTokens);
        return Sum(losses_R) / batch.NumValidTokens;
    }

    public double Loss(PackedBatch batch)
    {
        using var losses_R = Llama.Losses(batch);
        return Sum(losses_R) / batch.NumValidTokens;
    }

    public double Sum(Tensor losses_R)
    {
        var values = new double[losses_R.NumElements];
        Engine.Download<double>(values, losses_R);
        return values.Sum();
    }

    /// <summary>Asserts that the gradients of the last pass over a batch are central differences of its loss.</summary>
    /// <param name="step">On either side of a weight.</param>
    /// <param name="samples">Weights of each parameter that are tried, about.</param>
    /// <param name="what">Said before the weight's name where one differs.</param>
    public void ShouldHaveTheSlopesOfTheLoss(PackedBatch batch, double step, double tolerance, int samples, string what)
    {
        foreach (var spec in Parameters.Table)
        {
            var (gradient, values) = (Gradient(spec.Name), Master(spec.Name));
            for (var i = 0; i < values.Length; i += Math.Max(1, values.Length / samples))
            {
                var original = values[i];
                var slope = (LossAt(original + step) - LossAt(original - step)) / (2 * step);
                LossAt(original);
                gradient[i].ShouldBe(slope, tolerance, $"{what}{spec.Name}[{i}]");

                double LossAt(double value)
                {
                    values[i] = value;
                    SetMaster(spec.Name, values);
                    return Loss(batch);
                }
            }
        }
    }

    public void Dispose()
    {
        Llama.Dispose();
        Parameters.Dispose();
    }

    private double[] Values(string name, Func<ParameterGroup, Tensor> buffer)
    {
        var group = Parameters.GroupOf(name);
        var spec = Parameters.Table.Single(s => s.Name == name);
        using var part = group.Part(buffer(group), spec);
        return HostValues.Read(Engine, part);
    }

    private double[] ReferenceValues(ParameterSpec spec)
    {
        var (number, scale, offset) = spec.Role switch
        {
            ParameterRole.Embedding => (1, 0.5, 0.0),
            ParameterRole.Head => (21, 0.2, 0.0),
            ParameterRole.Norm when spec.Layer is null => (20, 0.1, 1.0),
            ParameterRole.Norm => (LayerNumber(spec), 0.1, 1.0),
            _ => (LayerNumber(spec), 0.2, 0.0),
        };
        var values = Enumerable.Range(0, (int)spec.NumElements)
            .Select(i => offset + scale * Math.Sin(0.7 * i + 1.3 * number + 0.5)).ToArray();
        return spec.Name.Contains("q_proj") || spec.Name.Contains("k_proj") ? HalfRotated(values) : values;
    }

    private static int LayerNumber(ParameterSpec spec) =>
        2 + 9 * spec.Layer!.Value + Array.FindIndex(PartsInReferenceOrder, part => spec.Name == ParameterTable.LayerName(spec.Layer.Value, part));

    /// <summary>The reference turns neighbouring rows (2i, 2i + 1) of a head; ours turns (i, i + H/2).</summary>
    private double[] HalfRotated(double[] interleaved)
    {
        var (d, h) = (Model.HiddenSize, Model.HeadDim);
        var result = new double[interleaved.Length];
        for (var row = 0; row < interleaved.Length / d; row++)
        {
            var (head, inHead) = (row / h, row % h);
            var target = head * h + inHead % 2 * (h / 2) + inHead / 2;
            Array.Copy(interleaved, row * d, result, target * d, d);
        }

        return result;
    }
}
