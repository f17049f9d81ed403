using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;

namespace Altiplano.Training.Parallel;

/// <summary>Forward passes without gradients through the pipeline: a rank begins the next while those behind it work on the one before.</summary>
internal sealed class PipelineForward(LlamaModel model)
{
    private readonly List<TensorPending> _sending = [];

    /// <returns>Sum of the losses of this rank's rows in nats; 0 but on the last stage.</returns>
    public double Run(HostBatch host)
    {
        var (parameters, axis) = (model.Parameters, model.Parameters.Sharding.Mesh.Pp);
        using var batch = host.Upload(parameters.Engine, parameters.Vocabulary, parameters.Context);
        var lossSum = 0.0;
        for (var i = 0; i < model.Chunks.Length; i++)
        {
            var isFirst = i == 0 && axis.Rank == 0;
            var chunk = model.Chunks[i];
            var y_RD = chunk.ForwardOnly(isFirst ? null : Receive(axis, host.Tokens.Length), batch);
            if (chunk.Head is null)
            {
                Send(axis, y_RD);
                continue;
            }

            using var losses_R = model.Losses(chunk, y_RD, batch);
            lossSum = TrainingStep.SumOf(losses_R);
        }

        return lossSum;
    }

    /// <summary>Waits until all that was sent has left.</summary>
    public void Complete()
    {
        _sending.ForEach(sending => sending.Wait());
        _sending.Clear();
    }

    private Tensor Receive(Axis axis, long rows)
    {
        var parameters = model.Parameters;
        var x_RD = parameters.Engine.Empty(
            parameters.ParameterType, rows / (parameters.Cp.Degree * parameters.Tp.RowParts), parameters.Architecture.HiddenSize);
        axis.StartReceive(x_RD, (axis.Rank + axis.Degree - 1) % axis.Degree).Wait();
        return x_RD;
    }

    private void Send(Axis axis, Tensor y_RD)
    {
        // What has left gives its memory back before more is sent.
        while (_sending is [{ IsCompleted: true } sent, ..])
        {
            sent.Wait();
            _sending.RemoveAt(0);
        }

        _sending.Add(axis.StartSend(y_RD, (axis.Rank + 1) % axis.Degree));
    }
}
