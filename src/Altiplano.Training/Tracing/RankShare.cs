using Altiplano.Distributed;
using Altiplano.Distributed.Recording;
using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;
using Altiplano.Training.Tracing.Jobs;

namespace Altiplano.Training.Tracing;

/// <summary>A group that a rank is in, and its place there.</summary>
public sealed record ShareGroup(string Axis, int Place, RankGroup Members);

/// <summary>What a rank has of one flat buffer.</summary>
/// <param name="Name">The block, with what sets its parameters apart behind it.</param>
/// <param name="Length">Elements of its slices together.</param>
/// <param name="First">The first of them that it keeps.</param>
/// <param name="Kept">How many it keeps, filling left out.</param>
/// <param name="StateBytes">Weights, master weights, gradients and moments as they lie between steps.</param>
/// <param name="Parameters">What of each parameter it keeps: first element in the rank's box of it, and how many.</param>
public sealed record ShareBuffer(
    string Name, long Length, long First, long Kept, long StateBytes, IReadOnlyList<(string Name, long First, long Count)> Parameters);

/// <summary>What one rank of a job is and has before its first step.</summary>
public sealed record RankShare(IReadOnlyList<ShareGroup> Groups, IReadOnlyList<ShareBuffer> Buffers)
{
    public static RankShare Of(StepSetting setting, int rank)
    {
        var groups = JobGroups.OfRank(setting.Layout.Mesh, rank);
        var engine = new Engine(Device.Shape);
        using var world = RecordingCommunicator.Alone(rank, setting.Layout.Mesh.World, _ => { });
        using var mesh = new DeviceMesh(setting.Layout.Mesh, world);
        using var parameters = setting.NewParameters(engine, mesh);
        using var optimizer = new AdamW(parameters, new OptimizerConfig());
        return new RankShare(
            [.. groups.Select(group => new ShareGroup(group.Axis, group.Members.IndexOf(rank), group.Members))],
            [.. parameters.Groups.Select(group => BufferOf(group, parameters.Sharding.Of(group.Slices[0].Parameter), optimizer))]);
    }

    private static ShareBuffer BufferOf(ParameterGroup group, Sharding sharding, AdamW optimizer)
    {
        var parts = group.Slices.Select(slice => (slice.Parameter.Name, Part: group.Overlap(slice))).Where(part => part.Part.Count > 0).ToList();
        var state = group.Weights.NumBytes * (sharding.KeepsWeights ? sharding.NumParts : 1)
            + group.Gradients.NumBytes * (sharding.KeepsGradients ? sharding.NumParts : 1) + (group.HasSeparateMaster ? group.Master.NumBytes : 0)
            + optimizer.FirstMoments(group).NumBytes + optimizer.SecondMoments(group).NumBytes;
        return new ShareBuffer(
            group.Name, group.Slices.Sum(slice => slice.NumElements), FirstOf(group), parts.Sum(part => part.Part.Count), state,
            [.. parts.Select(part => (part.Name, part.Part.InSlice, part.Part.Count))]);
    }

    /// <summary>The first element of a group's buffer that the rank keeps; the buffer's length where it keeps only filling.</summary>
    private static long FirstOf(ParameterGroup group)
    {
        var before = 0L;
        foreach (var slice in group.Slices)
        {
            if (group.Overlap(slice) is { Count: > 0 } part)
                return before + part.InSlice;
            before += slice.NumElements;
        }

        return before;
    }
}
