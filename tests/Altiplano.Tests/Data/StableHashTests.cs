using Altiplano.Data;

namespace Altiplano.Tests.Data;

public sealed class StableHashTests
{
    [Fact]
    public void IsChosen_ManyNames_ChoosesTheShare()
    {
        var chosen = Enumerable.Range(0, 20_000).Count(i => StableHash.IsChosen("key", $"name {i}", 0.03));

        chosen.ShouldBeInRange(500, 700); // 600, four standard deviations of 24
    }

    [Fact]
    public void Of_KnownName_IsTheStartOfItsSha256() =>
        StableHash.Of("assembly", "System.Linq").ShouldBe(Convert.ToUInt64(Sha256Of("assembly\0System.Linq")[..16], 16));

    [Fact]
    public void Of_OtherKey_IsAnotherDraw() => StableHash.Of("a", "name").ShouldNotBe(StableHash.Of("b", "name"));

    private static string Sha256Of(string text) =>
        Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}
