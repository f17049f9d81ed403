using Altiplano.Distributed.Recording;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;
using Altiplano.Training.Parallel;
using Altiplano.Training.Parallel.SelfTest;

namespace Altiplano.Tests.Training.Parallel;

/// <summary>What one layer's attention needs on a rank with 64 rows of its own, however many ranks have as many.</summary>
public sealed class RingMemoryTests
{
    private const int OwnRows = 64;

    [Fact]
    public void Attention_OnRing_NeedsNoMoreForMoreRanks()
    {
        PeakOf(ContextParallelMethod.Ring, 4).ShouldBe(PeakOf(ContextParallelMethod.Ring, 3));
        PeakOf(ContextParallelMethod.Ring, 32).ShouldBe(PeakOf(ContextParallelMethod.Ring, 3));
    }

    [Fact]
    public void Attention_OnGatheredKeys_NeedsAllOfThem()
    {
        var keys = 2L * new TrialSpec().Architecture.NumKeyValueHeads * new TrialSpec().Architecture.HeadDim * OwnRows * sizeof(float);

        (PeakOf(ContextParallelMethod.AllGather, 32) - PeakOf(ContextParallelMethod.AllGather, 4)).ShouldBeGreaterThanOrEqualTo(2 * 28 * keys);
    }

    private static long PeakOf(ContextParallelMethod method, int ranks)
    {
        var calls = new CallRecorder();
        var engine = new Engine(Device.Shape, calls);
        var spec = new TrialSpec();
        using var world = RecordingCommunicator.Alone(1, ranks, _ => { });
        using var mesh = new DeviceMesh(new MeshShape { Cp = ranks }, world);
        using var parameters = new ParameterStore(
            engine, spec.Architecture, ScalarType.Float32, withGradients: true, new Sharding(mesh, 0, CpMethod: method));
        var tokens = new long[OwnRows * ranks];
        using var batch = new PackedBatch(engine, tokens, tokens, [new Segment(0, tokens.Length)], parameters.Vocabulary, parameters.Context);
        using var rotary = new RotaryTable(engine, spec.Architecture, ScalarType.Float32, OwnRows);
        using var x = engine.Empty(ScalarType.Float32, OwnRows, spec.Architecture.HiddenSize);
        var attention = new SelfAttention(parameters, rotary, 0);
        var before = engine.LiveBytes;

        var (y, saved) = attention.Forward(x, batch, keepNormed: true);
        var (dx, gradients) = attention.BackwardInput(saved, y, batch);
        foreach (var owned in (IDisposable[])[y, saved, dx, gradients])
            owned.Dispose();
        return calls.PeakBytes - before;
    }
}
