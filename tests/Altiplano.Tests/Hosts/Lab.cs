using Altiplano.Tests.Program;

namespace Altiplano.Tests.Hosts;

/// <summary>Network namespaces as hosts; what is started there ends with the command, whatever happens.</summary>
internal static class Lab
{
    private const int CannotBe = 77;

    private static string Tools { get; } = Path.Combine(AppContext.BaseDirectory, "hosts");

    /// <summary>Runs a command on h0 beside other hosts; skips the calling test, visibly, where there can be none.</summary>
    /// <param name="command">Program and arguments; those of tests/hosts are found by their names.</param>
    public static ProgramResult Run(int hosts, TimeSpan limit, params string[] command)
    {
        var environment = new Dictionary<string, string> { ["TERM"] = "dumb", ["OMP_NUM_THREADS"] = "1" };
        using var lab = RunningProgram.Start(Path.Combine(Tools, "lab"), [$"{hosts}", $"{limit.TotalSeconds}", .. command], environment);
        var result = lab.ReadToEnd();
        if (result.ExitCode == CannotBe)
            Assert.Skip($"{result.Error.Trim()}; ./test installs what it may");
        return result;
    }
}
