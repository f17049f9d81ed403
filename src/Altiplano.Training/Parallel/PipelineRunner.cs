using Altiplano.Planning.Schedules;
using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;
using Altiplano.Training.Tracing;

namespace Altiplano.Training.Parallel;

/// <summary>Runs what the schedule says of one rank: forward and backward passes of a step's microbatches. One process is one stage.</summary>
/// <param name="scale">1 / valid tokens of the whole step, over all ranks.</param>
internal sealed class PipelineRunner(LlamaModel model, IReadOnlyList<HostBatch> microbatches, double scale)
{
    private readonly PipelineSchedule _schedule = model.Parameters.Sharding.ScheduleOf(microbatches.Count);
    private readonly Dictionary<(int MicroBatch, int Chunk), SavedChunk> _saved = [];
    private readonly Dictionary<(int MicroBatch, int Chunk), ChunkWeightWork> _works = [];
    private readonly IStepObserver? _observer = model.Parameters.Engine.Observer as IStepObserver;
    private double _lossSum;

    private DeviceMesh Mesh => model.Parameters.Sharding.Mesh;

    /// <returns>Sum of the losses of this rank's rows in nats; 0 but on the last stage.</returns>
    /// <remarks>Collectives: those of the chunks; activations go up pp and gradients down, sent behind what is computed next.</remarks>
    public double Run()
    {
        var (activations, gradients) = (new PipelineMail(Mesh.Pp, _schedule, isForward: true), new PipelineMail(Mesh.PpBackward, _schedule, isForward: false));
        foreach (var action in _schedule.Ranks[Mesh.Pp.Rank])
        {
            _observer?.OnActionStart(action);
            Run(action, activations, gradients);
            _observer?.OnActionEnd(action);
        }

        activations.Complete();
        gradients.Complete();
        return _lossSum;
    }

    private void Run(PipelineAction action, PipelineMail activations, PipelineMail gradients)
    {
        switch (action.Kind)
        {
            case PipelineActionKind.Forward:
                activations.Send(Forward(action, activations.Receive(action, NewTensor)), action);
                break;
            case PipelineActionKind.BackwardWeight:
                BackwardWeight(action);
                break;
            default:
                gradients.Send(Backward(action, gradients.Receive(action, NewTensor)), action);
                break;
        }
    }

    private Tensor? Forward(PipelineAction action, Tensor? x_RD)
    {
        var batch = microbatches[action.MicroBatch].Upload(model.Parameters.Engine, model.Parameters.Vocabulary, model.Parameters.Context);
        var (y_RD, saved) = model.Chunks[action.Chunk].Forward(x_RD, batch);
        _saved.Add((action.MicroBatch, action.Chunk), saved);
        return y_RD;
    }

    private Tensor? Backward(PipelineAction action, Tensor? dy_RD)
    {
        var key = (action.MicroBatch, action.Chunk);
        _saved.Remove(key, out var saved);
        ChunkGradients gradients;
        if (action.Kind == PipelineActionKind.BackwardInput)
        {
            (gradients, _works[key]) = model.Chunks[action.Chunk].BackwardInput(saved!, dy_RD, scale);
        }
        else
        {
            gradients = model.Chunks[action.Chunk].Backward(saved!, dy_RD, scale);
            saved!.Batch.Dispose();
        }

        if (gradients.Losses_R is { } losses_R)
        {
            _lossSum += TrainingStep.SumOf(losses_R);
            losses_R.Dispose();
        }

        return gradients.DX_RD;
    }

    private void BackwardWeight(PipelineAction action)
    {
        _works.Remove((action.MicroBatch, action.Chunk), out var work);
        model.Chunks[action.Chunk].BackwardWeight(work!);
        work!.Batch.Dispose();
    }

    /// <summary>Room for a microbatch's rows between two chunks, [R_cp,tp, D].</summary>
    private Tensor NewTensor(int microBatch)
    {
        var parameters = model.Parameters;
        return parameters.Engine.Empty(
            parameters.ParameterType, microbatches[microBatch].Tokens.Length / (parameters.Cp.Degree * parameters.Tp.Degree), parameters.Architecture.HiddenSize);
    }
}
