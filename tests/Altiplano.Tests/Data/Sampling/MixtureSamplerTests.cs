using Altiplano.Data;
using Altiplano.Data.Sampling;
using Altiplano.Data.TokenFiles;
using Altiplano.Tests.Data.TokenFiles;

namespace Altiplano.Tests.Data.Sampling;

public sealed class MixtureSamplerTests : IDisposable
{
    private const int SeqLen = 4;

    private readonly TempFolder _folder = new();
    private readonly List<TokenDataset> _open = [];

    public void Dispose()
    {
        _open.ForEach(dataset => dataset.Dispose());
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Locate_OneDataset_VisitsEachWindowOnceAnEpoch(bool shuffle)
    {
        var sampler = new MixtureSampler([(Dataset(1003), 1)], SeqLen, seed: 5, shuffle); // 250 windows; period and epoch do not coincide in general

        var samples = Enumerable.Range(0, MixturePeriod.NumSlots).Select(i => sampler.Locate(i)).ToList();

        sampler.NumWindows.ShouldBe([250]);
        foreach (var epoch in samples.GroupBy(sample => sample.Epoch))
            epoch.Select(sample => sample.Window).Order().ShouldBe(Enumerable.Range(0, 250).Select(i => (long)i));
    }

    [Fact]
    public void Locate_Shuffled_OrdersEpochsDifferently()
    {
        var sampler = new MixtureSampler([(Dataset(1003), 1)], SeqLen, seed: 5, shuffle: true);

        var epochs = Enumerable.Range(0, MixturePeriod.NumSlots).Select(i => sampler.Locate(i))
            .GroupBy(sample => sample.Epoch, sample => sample.Window).Select(epoch => string.Join(' ', epoch)).ToList();

        epochs.Distinct().Count().ShouldBe(epochs.Count);
    }

    [Fact]
    public void Locate_NotShuffled_KeepsFileOrderInEachDataset()
    {
        var sampler = new MixtureSampler([(Dataset(100_003), 0.7), (Dataset(60_003), 0.3)], SeqLen, seed: 5, shuffle: false);

        var samples = Enumerable.Range(0, 25_000).Select(i => sampler.Locate(i)).ToList();

        samples.Where(s => s.Dataset == 0).Select(s => s.Window).ShouldBe(Enumerable.Range(0, 17_500).Select(i => (long)i));
        samples.Where(s => s.Dataset == 1).Select(s => s.Window).ShouldBe(Enumerable.Range(0, 7_500).Select(i => (long)i));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Locate_AnyPeriod_HasTheExactShares(bool shuffle)
    {
        var sampler = new MixtureSampler([(Dataset(103), 8), (Dataset(53), 1.5), (Dataset(29), 0.5)], SeqLen, seed: 9, shuffle);

        for (var period = 0; period < 3; period++)
        {
            var counts = Enumerable.Range(period * MixturePeriod.NumSlots, MixturePeriod.NumSlots).CountBy(i => sampler.Locate(i).Dataset);
            counts.OrderBy(count => count.Key).Select(count => count.Value).ShouldBe([8000, 1500, 500]);
        }
    }

    [Fact]
    public void Locate_Mixture_VisitsWindowsOfEachDatasetEquallyOften()
    {
        var sampler = new MixtureSampler([(Dataset(103), 0.6), (Dataset(53), 0.4)], SeqLen, seed: 9, shuffle: true);

        var visits = Enumerable.Range(0, 3 * MixturePeriod.NumSlots).Select(i => sampler.Locate(i)).CountBy(s => (s.Dataset, s.Window)).ToList();

        foreach (var dataset in visits.GroupBy(visit => visit.Key.Dataset))
            (dataset.Max(visit => visit.Value) - dataset.Min(visit => visit.Value)).ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public void GetSample_ResumedAnywhere_IsTheSame()
    {
        var data = Dataset(1003);
        var straight = Samples(new MixtureSampler([(data, 1)], SeqLen, seed: 3, shuffle: true), 0, 60);
        var resumed = Samples(new MixtureSampler([(data, 1)], SeqLen, seed: 3, shuffle: true), 41, 19);

        resumed.ShouldBe(straight.Skip(41));
    }

    [Fact]
    public void GetSample_WindowOverDocuments_GivesTokensAndSegmentStarts()
    {
        var sampler = new MixtureSampler([(Dataset(3, 2, 6, 1, 4), 1)], SeqLen, seed: 0, shuffle: false);
        var (tokens, starts) = (new int[SeqLen + 1], new List<int>());

        var segments = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var sample = sampler.GetSample(i, tokens, starts);
            sample.ShouldBe(new Sample(0, 0, i, i * SeqLen, SeqLen));
            tokens.ShouldBe(Enumerable.Range(i * SeqLen, SeqLen + 1));
            segments.Add(string.Join(' ', starts));
        }

        segments.ShouldBe(["0 3", "0 1", "0 3"]); // documents begin at 0, 3, 5, 11, 12
    }

    [Fact]
    public void Constructor_DatasetShorterThanASample_IsRefused()
    {
        var dataset = Dataset(4);

        Should.Throw<DataFormatException>(() => new MixtureSampler([(dataset, 1)], SeqLen, 0, true)).Message.ShouldBe(
            $"{dataset.Path} has 4 tokens; one sample of seq_len 4 takes 5. Lower batch.seq_len or add data.");
    }

    private static List<string> Samples(MixtureSampler sampler, int from, int count)
    {
        var (tokens, starts) = (new int[SeqLen + 1], new List<int>());
        return [.. Enumerable.Range(from, count).Select(i => $"{sampler.GetSample(i, tokens, starts)} {string.Join(' ', tokens)}")];
    }

    private TokenDataset Dataset(params int[] lengths)
    {
        var paths = SampleTokenFiles.WriteCounting(_folder[$"data{_open.Count}"], lengths);
        _open.Add(TokenDataset.Open(paths.Bin));
        return _open[^1];
    }
}
