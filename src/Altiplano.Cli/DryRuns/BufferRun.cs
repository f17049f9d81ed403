using Altiplano.Training.Loop;

namespace Altiplano.Cli.DryRuns;

/// <summary>Flat buffers of successive layers that are alike.</summary>
internal sealed record BufferRun(string Name, RankBuffer One, int Count)
{
    private const string Layers = "layers.";

    /// <summary>Buffers of a kind with the same sizes together, in the order of the first of them.</summary>
    public static IEnumerable<BufferRun> Of(IReadOnlyList<RankBuffer> buffers) =>
        from buffer in buffers
        group buffer by (Kind: KindOf(buffer.Name), buffer.Elements, buffer.KeptFirst, buffer.KeptElements, buffer.StateBytes) into same
        let numbers = same.Select(buffer => NumberOf(buffer.Name)).ToList()
        select new BufferRun(NameOf(same.Key.Kind, numbers), same.First(), numbers.Count);

    /// <summary>The state of one, and of how many.</summary>
    public string Describe() => Count == 1 ? DryRunWords.Bytes(One.StateBytes) : $"{Count} x {DryRunWords.Bytes(One.StateBytes)}";

    private static string NameOf(string kind, List<int?> numbers) => numbers switch
    {
        [null, ..] => kind,
        [{ } number] => kind.Replace("*", $"{number}", StringComparison.Ordinal),
        _ => kind.Replace("*", Ranges([.. numbers.Select(number => number!.Value)]), StringComparison.Ordinal),
    };

    /// <summary>For example <c>[3-5, 9]</c>.</summary>
    private static string Ranges(List<int> numbers)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var number in numbers)
        {
            if (ranges is [.., var last] && last.Last == number - 1)
                ranges[^1] = (last.First, number);
            else
                ranges.Add((number, number));
        }

        return $"[{string.Join(", ", ranges.Select(range => range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}"))}]";
    }

    private static string KindOf(string name) => NumberOf(name) is { } number ? $"{Layers}*{name[(Layers.Length + $"{number}".Length)..]}" : name;

    private static int? NumberOf(string name) =>
        name.StartsWith(Layers, StringComparison.Ordinal) ? int.Parse(name[Layers.Length..].Split('/')[0]) : null;
}
