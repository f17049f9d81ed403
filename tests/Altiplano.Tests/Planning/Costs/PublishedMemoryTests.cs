using Altiplano.Planning.Backtest;
using Altiplano.Planning.Costs;

namespace Altiplano.Tests.Planning.Costs;

/// <summary>Measured memory of published runs; every group of a message is one source.</summary>
public sealed class PublishedMemoryTests(ITestOutputHelper output)
{
    private const double GiB = 1L << 30;

    [Fact]
    public void FullestStage_RecommendedRuns_AreWithinTenPercentOfMeasured()
    {
        var measured = PublishedRuns.Read().Where(run => run.Run is { IsRecommended: true, Measured.MemoryGib: not null }).ToList();

        foreach (var source in measured.GroupBy(run => run.Run.Source))
            output.WriteLine($"{source.Key}: n {source.Count()}, mean error {source.Average(Error):P1}, bias {source.Average(Signed):P1}, most {source.Max(Error):P1}");

        measured.Count.ShouldBe(33);
        measured.Average(Error).ShouldBeLessThan(0.08);
        Math.Abs(measured.Average(Signed)).ShouldBeLessThan(0.03);
    }

    [Fact]
    public void FullestStage_AllMeasuredRuns_AreWithinTwelvePercent()
    {
        var measured = PublishedRuns.Read().Where(run => run.Run.Measured.MemoryGib is not null).ToList();

        output.WriteLine($"n {measured.Count}, mean error {measured.Average(Error):P1}, bias {measured.Average(Signed):P1}");

        measured.Count.ShouldBe(104);
        measured.Average(Error).ShouldBeLessThan(0.12);
    }

    /// <summary>Every one of these ran; no published record of a run out of memory exists to count the other kind of mistake.</summary>
    [Fact]
    public void Fits_CompleteRuns_NineInTen()
    {
        var complete = PublishedRuns.Read().Where(run => run.Run.IsComplete).ToList();
        var refused = complete.Where(run => !PublishedRuns.MemoryModel(run).Fits(Memory(run))).ToList();

        foreach (var source in refused.GroupBy(run => run.Run.Source))
            output.WriteLine($"{source.Key}: {source.Count()} refused, {string.Join(", ", source.Select(run => $"{run.Run.Id} {Memory(run).Total / GiB:0.0}"))}");

        ((double)refused.Count / complete.Count).ShouldBeLessThan(0.1);
    }

    private static double Error(MappedCase run) => Math.Abs(Signed(run));

    private static double Signed(MappedCase run) => Memory(run).Total / GiB / run.Run.Measured.MemoryGib!.Value - 1;

    private static MemoryUse Memory(MappedCase run)
    {
        PublishedRuns.MemoryModel(run).FullestStage(run.Layout, out var memory);
        return memory;
    }
}
