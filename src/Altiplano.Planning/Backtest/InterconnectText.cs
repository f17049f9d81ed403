using System.Globalization;
using System.Text.RegularExpressions;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Backtest;

/// <summary>Understands how sources write of a network: <c>8x HDR 200 Gb/s IB per DGX A100</c>, <c>400 Gb/s per GPU</c>.</summary>
public static partial class InterconnectText
{
    private const double LargestLinkGbps = 800;

    /// <summary>Above ten of the largest links for each GPU a rate is a slip.</summary>
    private const double LargestGbpsPerGpu = 10 * LargestLinkGbps;

    /// <summary>Words that name a kind; the first row that occurs wins.</summary>
    private static readonly (string Word, FabricKind Kind)[] Kinds =
    [
        ("omni", FabricKind.OmniPath), ("opa", FabricKind.OmniPath), ("efa", FabricKind.Efa), ("aws", FabricKind.Efa),
        ("roce", FabricKind.Roce), ("ethernet", FabricKind.Roce), ("spectrum", FabricKind.Roce), ("gbe", FabricKind.Roce),
        ("slingshot", FabricKind.Roce), ("tomahawk", FabricKind.Roce), ("tcpx", FabricKind.Roce),
        ("infiniband", FabricKind.InfiniBand), ("ib", FabricKind.InfiniBand), ("hdr", FabricKind.InfiniBand), ("ndr", FabricKind.InfiniBand),
        ("edr", FabricKind.InfiniBand), ("xdr", FabricKind.InfiniBand), ("quantum", FabricKind.InfiniBand), ("connectx", FabricKind.InfiniBand),
        ("selene", FabricKind.InfiniBand), ("eos", FabricKind.InfiniBand),
    ];

    /// <summary>Names that imply the rate of one link in Gb/s.</summary>
    private static readonly (string Word, double Gbps)[] Links =
    [
        ("xdr", 800), ("ndr200", 200), ("ndr", 400), ("hdr100", 100), ("hdr", 200), ("edr", 100),
        ("connectx-8", 800), ("connectx-7", 400), ("cx-7", 400), ("cx7", 400), ("connectx-6", 200), ("cx-6", 200), ("cx6", 200),
    ];

    private static readonly string[] NodeWords =
        ["node", "server", "host", "dgx", "hgx", "system", "machine", "instance", "8-gpu"];

    /// <summary>The network that a text describes; what it leaves open is the usual network of <paramref name="gpu"/>, listed as assumed.</summary>
    /// <param name="text">Null where the source says nothing.</param>
    public static PublishedFabric Read(string? text, PublishedGpu gpu, int gpusPerNode)
    {
        var words = text?.ToLowerInvariant() ?? "";
        var kind = FindKind(words);
        var gbps = FindGbpsPerGpu(text ?? "", gpusPerNode);
        return new PublishedFabric
        {
            Kind = kind ?? FabricKind.InfiniBand,
            BandwidthPerGpu = new BytesPerSecond((gbps ?? gpu.BandwidthGbps) * 1e9 / 8),
            HasInNetworkReduction = SharpWord().IsMatch(words),
            PodGpus = Pod().Match(words) is { Success: true } pod ? (int)Number(pod.Groups[1].Value) : 0,
            Oversubscription = FindOversubscription(words),
            Assumptions = [.. Assumptions(text, kind, gbps, gpu)],
            Problem = FindProblem(text, gbps),
        };
    }

    private static string? FindProblem(string? text, double? gbps) => gbps is null or (> 0 and <= LargestGbpsPerGpu)
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"interconnect is \"{text}\", which is {gbps:G4} Gb/s a GPU. " +
            $"A rate must be above 0 and at most {LargestGbpsPerGpu} Gb/s a GPU.");

    private static IEnumerable<string> Assumptions(string? text, FabricKind? kind, double? gbps, PublishedGpu gpu)
    {
        var given = text is null ? "interconnect is not given" : $"interconnect \"{text}\"";
        if (gbps is null)
            yield return string.Create(CultureInfo.InvariantCulture, $"{given}: {gpu.BandwidthGbps} Gb/s a GPU, the usual network of {gpu.Server}");
        if (kind is null)
            yield return $"{given}: its kind is taken for InfiniBand";
    }

    private static FabricKind? FindKind(string words)
    {
        foreach (var (word, kind) in Kinds)
        {
            if (Regex.IsMatch(words, $"(?<![a-z]){word}(?![a-z])"))
                return kind;
        }

        return null;
    }

    /// <summary>Gb/s of one direction for each GPU; null where no clause gives a rate.</summary>
    private static double? FindGbpsPerGpu(string text, int gpusPerNode)
    {
        foreach (var clause in Clauses().Split(text))
        {
            if (IsInsideServer(clause))
                continue;
            if (Rate().Match(clause) is { Success: true } rate)
                return PerGpu(Gbps(rate.Groups["value"].Value, rate.Groups["unit"].Value), Count(rate), clause, gpusPerNode);
        }

        return FindNamedLink(text, gpusPerNode);
    }

    /// <summary>The rate that a link's name implies: <c>8x NDR per node</c>.</summary>
    private static double? FindNamedLink(string text, int gpusPerNode)
    {
        foreach (var clause in Clauses().Split(text.ToLowerInvariant()).Where(c => !IsInsideServer(c)))
        {
            foreach (var (word, gbps) in Links)
            {
                if (Regex.Match(clause, $@"(?:(?<count>\d+)\s*[x×]\s*)?(?:[a-z][\w-]*\s+){{0,2}}?(?<![a-z]){word}") is { Success: true } link)
                    return PerGpu(gbps, Count(link), link.Groups["count"].Success ? $"{clause} per node" : "per gpu", gpusPerNode);
            }
        }

        return null;
    }

    /// <summary>
    /// One GPU's share: of so many links where the clause speaks of a GPU (links counted by server belong one to each), of a
    /// node's total where it speaks of a node or counts links, else the rate itself up to the largest link that exists.
    /// </summary>
    private static double PerGpu(double gbps, int count, string clause, int gpusPerNode)
    {
        var words = clause.ToLowerInvariant();
        if (PerGpuWord().IsMatch(words))
            return gbps * (count >= gpusPerNode ? 1 : Math.Max(count, 1));
        var isOfNode = count > 0 || gbps > LargestLinkGbps || Array.Exists(NodeWords, w => words.Contains(w, StringComparison.Ordinal));
        return isOfNode ? gbps * Math.Max(count, 1) / gpusPerNode : gbps;
    }

    private static bool IsInsideServer(string clause) =>
        clause.Contains("nvlink", StringComparison.OrdinalIgnoreCase) || clause.Contains("nvswitch", StringComparison.OrdinalIgnoreCase)
        || clause.Contains("pcie", StringComparison.OrdinalIgnoreCase);

    private static double FindOversubscription(string words)
    {
        if (Oversubscribed().Match(words) is not { Success: true } match)
            return 1;
        var (a, b) = (Number(match.Groups["a"].Value), Number(match.Groups["b"].Value));
        return Math.Max(a, b) / Math.Max(Math.Min(a, b), 1);
    }

    private static int Count(Match match) => match.Groups["count"].Success ? (int)Number(match.Groups["count"].Value) : 0;

    private static double Number(string text) => double.Parse(text.Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    /// <summary>Upper-case B counts bytes.</summary>
    private static double Gbps(string value, string unit) =>
        Number(value) * (unit.StartsWith('T') ? 1000 : 1) * (unit.Contains('B', StringComparison.Ordinal) ? 8 : 1);

    [GeneratedRegex(@";|,\s|\+|\band\b")]
    private static partial Regex Clauses();

    [GeneratedRegex(@"(?:(?<count>\d+)\s*[x×]\s*)?(?:[A-Za-z][\w-]*\s+){0,3}?(?<value>(?:(?<!\S)-)?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*-?" +
        "(?<unit>Tb/s|Tbps|Tbit/s|TB/s|Gb/s|Gbps|gbps|Gbit/s|GB/s|GBps|GbE|Gb\\b|G\\b)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"\b(per|each|every)\s+gpu|/\s*gpu|a\s+gpu\b")]
    private static partial Regex PerGpuWord();

    [GeneratedRegex(@"([\d,]+)-gpu pod")]
    private static partial Regex Pod();

    [GeneratedRegex(@"(?<a>\d+(?:\.\d+)?)\s*:\s*(?<b>\d+(?:\.\d+)?)\s*(?:over|block|taper)" +
        @"|(?:oversubscription|oversubscribed)\D{0,12}(?<a>\d+(?:\.\d+)?)\s*:\s*(?<b>\d+(?:\.\d+)?)")]
    private static partial Regex Oversubscribed();

    [GeneratedRegex(@"\bsharp\b")]
    private static partial Regex SharpWord();
}
