using Altiplano.Planning;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning;

public sealed class BatchSpecTests
{
    [Theory]
    [InlineData(65_536, 512, 1, 8)] // 128 sequences, 8 x 512 = 4096
    [InlineData(7_168, 512, 1, 7)] // 14 sequences: 8 does not divide them
    [InlineData(16_384, 8_192, 1, 1)] // longer than the limit
    [InlineData(512, 512, 1, 1)]
    [InlineData(7_168, 512, 7, 2)] // 2 sequences a rank
    [InlineData(1_024, 512, 4, 1)] // more ranks than sequences, which layout rules refuse
    public void Decided_MicroBatchLeftOpen_DividesTheSequencesOfARank(long tokens, int seqLen, int dp, int expected) =>
        new BatchSpec { GlobalBatchTokens = new TokenCount(tokens), SeqLen = seqLen }.Decided(dp).MicroBatchSize.ShouldBe(expected);

    [Theory]
    [InlineData(1000, 2, 512, "b.global_batch_tokens is 1000, but a step is made of whole microbatches: micro_batch_size 2 x seq_len 512 = 1024 tokens. Use 1024.")]
    [InlineData(1500, 1, 512, "b.global_batch_tokens is 1500, but a step is made of whole sequences: micro_batch_size 1 x seq_len 512 = 512 tokens. Use 1024 or 1536.")]
    public void FindProblems_StepThatCannotBeCut_NamesTheNeighbours(long tokens, int micro, int seqLen, string expected) =>
        new BatchSpec { GlobalBatchTokens = new TokenCount(tokens), MicroBatchSize = micro, SeqLen = seqLen }
            .FindProblems("b").ShouldBe([expected]);
}
