using Altiplano.Data.Sampling;
using Altiplano.Data.TokenFiles;
using Altiplano.Tests.Data.TokenFiles;

namespace Altiplano.Tests.Data.Sampling;

public sealed class SequentialWindowsTests
{
    [Theory]
    [InlineData(2, 4)]
    [InlineData(5, 4)]
    [InlineData(6, 4)]
    [InlineData(8, 4)]
    [InlineData(9, 4)]
    [InlineData(101, 7)]
    public void GetWindow_AllWindows_TargetEachTokenButTheFirstOnce(int numTokens, int seqLen)
    {
        using var folder = new TempFolder();
        using var dataset = TokenDataset.Open(SampleTokenFiles.WriteCounting(folder["data"], numTokens).Bin);
        var windows = new SequentialWindows(dataset, seqLen);
        var (tokens, starts, targets) = (new int[seqLen + 1], new List<int>(), new List<int>());

        for (var i = 0L; i < windows.Count; i++)
        {
            var sample = windows.GetWindow(i, tokens, starts);
            targets.AddRange(tokens[(1 + windows.FirstTarget(i))..(1 + sample.NumTargets)]);
            tokens.Skip(sample.NumTargets + 1).ShouldAllBe(token => token == 0);
        }

        targets.ShouldBe(Enumerable.Range(1, numTokens - 1));
    }

    [Fact]
    public void FirstTarget_LaterWindow_HasHalfAWindowBeforeIt()
    {
        using var folder = new TempFolder();
        using var dataset = TokenDataset.Open(SampleTokenFiles.WriteCounting(folder["data"], 100).Bin);
        var windows = new SequentialWindows(dataset, 8);

        windows.FirstTarget(0).ShouldBe(0);
        windows.FirstTarget(1).ShouldBe(4);
        windows.Stride.ShouldBe(4);
    }
}
