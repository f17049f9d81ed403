using System.Text.RegularExpressions;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Backtest;

/// <summary>A GPU that published runs name, and the network that its servers usually have.</summary>
/// <param name="Server">Its usual server in <c>presets/servers</c>.</param>
/// <param name="BandwidthGbps">Of the usual network, in Gb/s for each GPU.</param>
/// <param name="Assumption">What had to be assumed to recognise it; null where nothing had.</param>
public sealed partial record PublishedGpu(string Server, double BandwidthGbps, string? Assumption = null)
{
    /// <summary>NVLink in one direction where it is not the server's: the A800 is an A100 with two thirds of it; null elsewhere.</summary>
    public BytesPerSecond? NvlinkBandwidth { get; init; }

    /// <summary>The first row whose words all occur in a name wins.</summary>
    private static readonly (string[] Words, PublishedGpu Gpu)[] Known =
    [
        (["gb200"], new("hgx-b200", 400, "a GB200 is taken for a B200")),
        (["b200"], new("hgx-b200", 400)),
        (["h200"], new("hgx-h200", 400)),
        (["h800"], new("hgx-h800", 400)),
        (["h100", "96gb"], new("grand-teton-h100-96g-500w", 400)),
        (["h100", "500w"], new("grand-teton-h100-96g-500w", 400)),
        (["h100"], new("hgx-h100", 400)),
        (["a100", "40gb"], new("dgx-a100-40g", 200)),
        (["a100", "80gb"], new("dgx-a100-80g", 200)),
        (["a100"], new("dgx-a100-80g", 200, "an A100 without its memory named is taken for the 80 GB part")),
        (["a800"], new("dgx-a100-80g", 200) { NvlinkBandwidth = new BytesPerSecond(200e9) }),
    ];

    /// <summary>Parts that share a name with one we know and are not it.</summary>
    private static readonly string[] Others = ["pcie", "nvl", "gh200"];

    /// <summary>What a message lists.</summary>
    public const string KnownNames = "A100 (40 or 80 GB, SXM), A800, H100 (SXM; 96 GB at 500 W), H800, H200, B200";

    /// <returns>The GPU that a text means, whatever its spelling (<c>NVIDIA A100-SXM4-40GB</c>); null where none is known.</returns>
    public static PublishedGpu? Find(string text)
    {
        var name = Gigabytes().Replace(text.ToLowerInvariant(), "$1gb").Replace("nvlink", "", StringComparison.Ordinal);
        if (Array.Exists(Others, other => name.Contains(other, StringComparison.Ordinal)))
            return null;
        var gpu = Array.Find(Known, known => Array.TrueForAll(known.Words, word => name.Contains(word, StringComparison.Ordinal))).Gpu;
        return gpu is not null && name.Contains("stated", StringComparison.Ordinal)
            ? gpu with { Assumption = $"gpu \"{text}\" is taken for that of {gpu.Server}" }
            : gpu;
    }

    [GeneratedRegex(@"(\d)\s*gi?b?\b")]
    private static partial Regex Gigabytes();
}
