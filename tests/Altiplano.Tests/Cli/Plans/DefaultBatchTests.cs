using Altiplano.Cli.Configuration;
using Altiplano.Cli.Plans;

namespace Altiplano.Tests.Cli.Plans;

public sealed class DefaultBatchTests
{
    [Theory]
    [InlineData("llama3-8b", 8, 1L << 19)]
    [InlineData("llama3-8b", 1024, 1L << 22)]
    [InlineData("llama3.1-405b", 16384, 1L << 24)]
    [InlineData("llama3.1-405b", 100352, 1L << 26)]
    public void For_ModelAndGpus_IsWhatPublishedRunsHave(string model, long gpus, long tokens) =>
        DefaultBatch.For(new ModelCatalog(PresetFolder.Shipped()).Model(model).Shape, 8192, gpus).Value.ShouldBe(tokens);
}
