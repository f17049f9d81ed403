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
    /// <remarks>
    /// Collectives: those of the chunks; activations go up pp and gradients down, sent behind what is computed next. A message is received
    /// behind the action before the one that needs it, unless that action sends the same way: on a GPU's stream its send would come second.
    /// </remarks>
    public double Run()
    {
        var activations = new PipelineMail(Mesh.Pp, _schedule, isForward: true, NewTensor);
        var gradients = new PipelineMail(Mesh.PpBackward, _schedule, isForward: false, NewTensor);
        var actions = _schedule.Ranks[Mesh.Pp.Rank];
        for (var i = 0; i < actions.Count; i++)
        {
            _observer?.OnActionStart(actions[i]);
            var mail = MailOf(actions[i]);
            var input = mail?.Receive(actions[i]);
            if (i + 1 < actions.Count && MailOf(actions[i + 1]) is { } next && next != mail)
                next.Expect(actions[i + 1]);
            var result = Compute(actions[i], input);
            mail?.Send(result, actions[i]);
            _observer?.OnActionEnd(actions[i]);
        }

        activations.Complete();
        gradients.Complete();
        return _lossSum;

        PipelineMail? MailOf(PipelineAction action) => action.Kind switch
        {
            PipelineActionKind.Forward => activations,
            PipelineActionKind.BackwardWeight => null,
            _ => gradients,
        };
    }

    private bool IsLast(PipelineAction action) => action.MicroBatch == microbatches.Count - 1;

    private Tensor? Compute(PipelineAction action, Tensor? input)
    {
        switch (action.Kind)
        {
            case PipelineActionKind.Forward:
                return Forward(action, input);
            case PipelineActionKind.BackwardWeight:
                BackwardWeight(action);
                return null;
            default:
                return Backward(action, input);
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
            (gradients, _works[key]) = model.Chunks[action.Chunk].BackwardInput(saved!, dy_RD, scale, IsLast(action));
        }
        else
        {
            gradients = model.Chunks[action.Chunk].Backward(saved!, dy_RD, scale, IsLast(action));
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
        model.Chunks[action.Chunk].BackwardWeight(work!, IsLast(action));
        work!.Batch.Dispose();
    }

    /// <summary>Room for a microbatch's rows between two chunks, [R_cp,tp, D].</summary>
    private Tensor NewTensor(int microBatch)
    {
        var parameters = model.Parameters;
        using var scope = parameters.Engine.Allocating(MemoryPart.Messages);
        var rows = microbatches[microBatch].Tokens.Length / (parameters.Cp.Degree * parameters.Tp.RowParts);
        return parameters.Engine.Empty(parameters.ParameterType, rows, parameters.Architecture.HiddenSize);
    }
}
