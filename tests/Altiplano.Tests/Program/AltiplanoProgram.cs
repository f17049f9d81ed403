using System.Diagnostics;

namespace Altiplano.Tests.Program;

/// <summary>The built <c>altiplano</c> executable, as its users run it.</summary>
internal static class AltiplanoProgram
{
    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, "altiplano");

    /// <summary>Runs the program to its end.</summary>
    public static ProgramResult Run(params IReadOnlyList<string> arguments)
    {
        using var program = RunningProgram.Start(Executable, arguments);
        return program.ReadToEnd();
    }

    /// <summary>Runs the program with other environment variables.</summary>
    public static ProgramResult RunIn(IReadOnlyDictionary<string, string> environment, params IReadOnlyList<string> arguments)
    {
        using var program = RunningProgram.Start(Executable, arguments, environment);
        return program.ReadToEnd();
    }

    public static RunningProgram Start(params IReadOnlyList<string> arguments) => RunningProgram.Start(Executable, arguments);
}

/// <summary>How a program ended and what it said.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    /// <summary>Asserts the exit code, showing what the program said where it differs.</summary>
    public ProgramResult ShouldExitWith(int code)
    {
        ExitCode.ShouldBe(code, $"stdout:\n{Output}\nstderr:\n{Error}");
        return this;
    }
}

/// <summary>A program that runs, its output read line by line.</summary>
internal sealed class RunningProgram : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly Task<string> _error;
    private readonly List<string> _lines = [];

    private RunningProgram(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    public static RunningProgram Start(
        string executable, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(executable, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new RunningProgram(Process.Start(start)!);
    }

    /// <summary>Whether a program that is started from here never hears of SIGINT.</summary>
    public static bool InheritsIgnoredInterrupts()
    {
        const ulong Interrupt = 1UL << (2 - 1);
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("SigIgn:", StringComparison.Ordinal));
        return (Convert.ToUInt64(line["SigIgn:".Length..].Trim(), 16) & Interrupt) != 0;
    }

    /// <summary>Types lines, then ends the input.</summary>
    public RunningProgram Type(params IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
            _process.StandardInput.WriteLine(line);
        _process.StandardInput.Close();
        return this;
    }

    /// <summary>Waits for a line that starts so.</summary>
    public void WaitForLine(string beginning)
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            _lines.Add(line);
            if (line.StartsWith(beginning, StringComparison.Ordinal))
                return;
        }

        Assert.Fail($"The program ended before it printed \"{beginning}\":\n{string.Join('\n', _lines)}\n{_error.Result}");
    }

    /// <summary>SIGKILL: no handler runs.</summary>
    public void Kill() => _process.Kill();

    /// <param name="signal">As the shell's kill takes it: TERM, INT, USR1.</param>
    public void Send(string signal)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -{signal} {Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Memory resident now, in bytes.</summary>
    public long ResidentBytes()
    {
        var line = File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line["VmRSS:".Length..^"kB".Length]) * 1024;
    }

    public ProgramResult ReadToEnd()
    {
        var rest = _process.StandardOutput.ReadToEndAsync();
        if (!_process.WaitForExit(Patience))
            _process.Kill(entireProcessTree: true);
        return new ProgramResult(_process.ExitCode, string.Concat(_lines.Select(line => line + '\n')) + rest.Result, _error.Result);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
