using Altiplano.Cli.Configuration;

namespace Altiplano.Tests.Cli.Configuration;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("seqlen", "seq_len")]
    [InlineData("Seq_Len", "seq_len")]
    [InlineData("sed", "seed")]
    [InlineData("warm_up_stps", "warmup_steps")]
    [InlineData("warm", "warmup_steps")]
    public void Of_Misspelling_IsTheNameThatWasMeant(string name, string expected) =>
        NearestName.Of(name, ["seq_len", "warmup_steps", "seed"]).ShouldBe(expected);

    [Fact]
    public void Of_SomethingElse_IsNothing() => NearestName.Of("cluster", ["seq_len", "seed"]).ShouldBeNull();
}
