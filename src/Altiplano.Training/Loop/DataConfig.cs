using System.Collections.Immutable;
using Altiplano.Planning.Units;

namespace Altiplano.Training.Loop;

/// <summary>One training corpus and its share of the tokens, relative to the other weights.</summary>
public sealed record DataSource(string Path, double Weight = 1);

/// <summary>
/// A corpus that validation loss is measured on; <paramref name="Name"/> heads its metrics, as in <c>val/loss</c>.
/// </summary>
public sealed record ValidationSource(string Name, string Path);

/// <summary>What is read: token files made by <c>data prepare</c>, as absolute paths, and the tokenizer that made them.</summary>
public sealed record DataConfig
{
    public required ImmutableArray<DataSource> Train { get; init; }
    public ImmutableArray<ValidationSource> Val { get; init; } = [];

    /// <summary>Tokens read of each validation corpus at each validation; null for all.</summary>
    public TokenCount? MaxValTokens { get; init; }

    /// <summary>Path of the tokenizer; null where samples and bits per byte are not wanted.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>False reads samples in file order.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>True keeps attention within each document of a packed sequence.</summary>
    public bool DocumentMask { get; init; } = true;

    public bool Equals(DataConfig? other) =>
        other is not null && Train.SequenceEqual(other.Train) && Val.SequenceEqual(other.Val) && MaxValTokens == other.MaxValTokens
        && Tokenizer == other.Tokenizer && Shuffle == other.Shuffle && DocumentMask == other.DocumentMask;

    public override int GetHashCode() => HashCode.Combine(Train.Length, Val.Length, MaxValTokens, Tokenizer, Shuffle, DocumentMask);
}
