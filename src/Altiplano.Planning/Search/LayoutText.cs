using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>Layouts in one line, with the run file's words.</summary>
public static class LayoutText
{
    /// <summary>For example <c>tp 8 cp 1 pp 16x8 dp 128 (shard 128) mb 1 zero 1 sp recompute none</c>; what is 1 or off is left out.</summary>
    public static string Of(in Layout layout)
    {
        var parts = new List<string> { $"tp {layout.Tp}" };
        if (layout.Cp > 1)
            parts.Add($"cp {layout.Cp}{(layout.CpMethod == ContextParallelMethod.Ring ? " ring" : "")}");
        if (layout.Pp > 1)
            parts.Add($"pp {layout.Pp}{(layout.VirtualStages > 1 ? $"x{layout.VirtualStages}" : "")} {Name(layout.Schedule)}");
        parts.Add(layout.DpReplicate > 1 ? $"dp {layout.DpReplicate}x{layout.DpShard}" : $"dp {layout.DpShard}");
        if (layout.Ep > 1)
            parts.Add($"ep {layout.Ep}");
        parts.Add($"micro batch {layout.MicroBatchSize}");
        parts.Add($"zero {layout.ZeroStage}");
        if (layout.HasSequenceParallel)
            parts.Add("sp");
        parts.Add($"recompute {Name(layout.Recompute)}");
        return string.Join(", ", parts);
    }

    public static string Name(PipelineScheduleKind kind) => kind switch
    {
        PipelineScheduleKind.OneForwardOneBackward => "1f1b",
        PipelineScheduleKind.InterleavedOneForwardOneBackward => "interleaved_1f1b",
        PipelineScheduleKind.GPipe => "gpipe",
        _ => "zero_bubble",
    };

    public static string Name(Recompute recompute) => recompute switch
    {
        Recompute.None => "none",
        Recompute.Selective => "selective",
        _ => "full",
    };

    public static string Name(ContextParallelMethod method) => method == ContextParallelMethod.Ring ? "ring" : "all_gather";
}
