using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Costs;

/// <summary>A file of coefficients and what they are for.</summary>
public sealed record StackSpec
{
    public required string Name { get; init; }

    /// <summary>Grows with every fit that ships.</summary>
    public required int Version { get; init; }

    /// <summary>Names of the GPUs that the coefficients hold for.</summary>
    public required IReadOnlyList<string> Gpus { get; init; }

    public required IReadOnlyList<FabricKind> Fabrics { get; init; }
    public required Precision Precision { get; init; }
    public required StackCoefficients Coefficients { get; init; }

    /// <summary>What the coefficients were fitted to or taken from.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];
}
