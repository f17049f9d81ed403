using System.Globalization;
using Altiplano.Planning;

namespace Altiplano.Training.Tracing.Jobs;

/// <summary>What is wrong with one operation of one rank.</summary>
public enum FaultKind
{
    /// <summary>It is not done.</summary>
    Drop,
    /// <summary>It moves one element of 8 bytes more; an all-to-all, to the first rank of the group.</summary>
    Resize,
    /// <summary>It is done after the one that follows it.</summary>
    Swap,
}

/// <summary>A mistake put into one rank's program, to show that the check finds it.</summary>
/// <param name="Operation">Counted from 0 in the order in which the rank starts its operations.</param>
public sealed record PlantedFault(int Rank, FaultKind Kind, int Operation)
{
    private const int ExtraBytes = 8;

    /// <summary>Reads <c>RANK:drop|resize|swap:N</c>.</summary>
    /// <exception cref="ConfigException">It is none.</exception>
    public static PlantedFault Parse(string option, string text)
    {
        if (text.Split(':') is [var rank, var kind, var operation]
            && int.TryParse(rank, NumberStyles.None, CultureInfo.InvariantCulture, out var r)
            && int.TryParse(operation, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            && Kinds.TryGetValue(kind, out var fault))
        {
            return new PlantedFault(r, fault, n);
        }

        throw new ConfigException(
            $"{option} is \"{text}\", but it must be RANK:KIND:N with a rank, one of {string.Join(", ", Kinds.Keys)}, and the number of an operation " +
            "of that rank, from 0. Use for example 3:drop:7.");
    }

    /// <exception cref="ConfigException">The program has no such operation.</exception>
    public RankProgram ApplyTo(RankProgram program)
    {
        var last = program.Operations.Length - (Kind == FaultKind.Swap ? 2 : 1);
        if (Operation > last)
        {
            throw new ConfigException(last < 0
                ? $"The fault is in operation {Operation} of rank {Rank}, but this rank has none to break: it shares its step with nobody."
                : $"The fault is in operation {Operation} of rank {Rank}, but for this kind it must be from 0 to {last}. Use {last} or less.");
        }

        return Kind switch
        {
            FaultKind.Drop => program.Without(Operation),
            FaultKind.Resize => program.With(Operation, program.Operations[Operation].LargerBy(ExtraBytes)),
            _ => program.Swapped(Operation),
        };
    }

    private static readonly Dictionary<string, FaultKind> Kinds = new()
    {
        ["drop"] = FaultKind.Drop, ["resize"] = FaultKind.Resize, ["swap"] = FaultKind.Swap,
    };
}
