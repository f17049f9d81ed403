using System.Text.Json;
using System.Text.Json.Serialization;
using Altiplano.Planning;
using Altiplano.Planning.Units;
using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Tracing;

namespace Altiplano.Training.Loop;

/// <summary>What one step takes, found by running it on shapes before it runs on memory: plan.json.</summary>
/// <param name="StateBytes">Weights, master weights where they are separate, gradients and both moments.</param>
/// <param name="PeakBytes">All tensors alive at once, the state included.</param>
/// <param name="StagingBytes">Memory that a checkpoint is copied to while it is written.</param>
/// <param name="Flops">Operations of the step as the operators count them, recompute included.</param>
public sealed record StepPlan(long NumParameters, long StateBytes, long PeakBytes, long StagingBytes, double Flops)
{
    /// <summary>Staging memory at most; a larger checkpoint waits for the disk as it is copied.</summary>
    private const long MaxStagingBytes = 1L << 30;

    /// <summary>Runs one rank's step of a config, with every choice made, on <see cref="Device.Shape"/>.</summary>
    public static StepPlan Of(RunConfig config, int rank = 0)
    {
        var flops = new FlopCounter();
        var setting = StepSetting.Of(config);
        using var shapes = new ShapeRank(setting, rank, flops);
        using var model = new LlamaModel(shapes.Parameters, setting.ModelOptions);
        TrainingStep.Run(model, shapes.Optimizer, shapes.Microbatches(), learningRate: 0);
        return new StepPlan(
            setting.Model.NumParameters, shapes.StateBytes, shapes.Engine.PeakBytes, StagingBytesOf(shapes.Parameters), flops.Total);
    }

    /// <summary>Memory that a checkpoint of so many weights is copied to while it is written.</summary>
    internal static long StagingBytesOf(ParameterStore parameters) => Math.Min(MaxStagingBytes, parameters.Groups.Sum(
        group => group.Weights.NumBytes + (group.HasSeparateMaster ? 3 : 2) * group.Master.NumBytes));

    /// <param name="available">Memory of the machine.</param>
    /// <param name="ranks">Ranks that share it.</param>
    /// <exception cref="ConfigException">The tensors of a step do not fit into this machine's memory.</exception>
    public void RequireFit(Bytes available, int ranks = 1)
    {
        var needed = new Bytes(PeakBytes + StagingBytes);
        if (needed.Value * (double)ranks <= available.Value)
            return;
        var share = ranks == 1 ? $"{needed}" : $"{ranks} ranks of {needed} here";
        throw new ConfigException(
            $"The run needs {share}; this machine has {available}. Weights, gradients and moments take {new Bytes(StateBytes)}, " +
            $"activations {new Bytes(PeakBytes - StateBytes)}. Try parallel.recompute: full, a smaller batch.micro_batch_size, " +
            "or a smaller model.");
    }

    public void Save(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, StepPlanJson.Default.StepPlan) + "\n");

    private sealed class FlopCounter : IOperatorObserver
    {
        public double Total { get; private set; }

        public void OnStart(in OperatorCall call) => Total += call.Flops;

        public void OnEnd(in OperatorCall call)
        {
        }

        public void OnAllocate(in Allocation allocation)
        {
        }

        public void OnRelease(in Allocation allocation)
        {
        }
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StepPlan))]
internal sealed partial class StepPlanJson : JsonSerializerContext;
