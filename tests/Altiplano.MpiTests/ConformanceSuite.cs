using Altiplano.Distributed;

namespace Altiplano.MpiTests;

/// <summary>What must hold for every communicator, whatever the number of ranks. All ranks of a world run a case together.</summary>
public static class ConformanceSuite
{
    /// <summary>The cases by name.</summary>
    public static IReadOnlyDictionary<string, Action<ICommunicator>> Cases { get; } = new Dictionary<string, Action<ICommunicator>>(
    [
        .. ReductionCases.All(), .. ExchangeCases.All(), .. MessageCases.All(),
        .. OrderCases.All(), .. GroupCases.All(), .. ArgumentCases.All(),
    ]);

    internal static KeyValuePair<string, Action<ICommunicator>> Case(string name, Action<ICommunicator> run) => new(name, run);
}
