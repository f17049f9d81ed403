namespace Altiplano.Tests.Program;

/// <summary>Scripts that we write, in the hands of bash.</summary>
internal static class Bash
{
    public static ProgramResult Run(string script, string folder, params string[] arguments)
    {
        using var bash = RunningProgram.Start(
            "/bin/bash", ["-c", $"cd \"$0\"\n{script}", folder, .. arguments],
            new Dictionary<string, string> { ["SLURM_JOB_ID"] = "7", ["SLURM_JOB_NODELIST"] = "n1" });
        return bash.ReadToEnd();
    }

    /// <summary>Asserts that bash can read a script, and that shellcheck, where there is one, has nothing against it.</summary>
    public static void ShouldBeSound(string script)
    {
        using var folder = new TempFolder();
        var file = folder.Write("script.sh", script);
        using var bash = RunningProgram.Start("/bin/bash", ["-n", file]);
        bash.ReadToEnd().ShouldExitWith(0);
        var shellcheck = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(path => Path.Combine(path, "shellcheck")).FirstOrDefault(File.Exists);
        if (shellcheck is null)
            return;
        using var check = RunningProgram.Start(shellcheck, ["--shell=bash", file]);
        check.ReadToEnd().ShouldExitWith(0);
    }

    /// <summary>A program of its own, made of a script for sh.</summary>
    public static void WriteProgram(string file, string script)
    {
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        using var chmod = RunningProgram.Start("/bin/chmod", ["+x", file]);
        chmod.ReadToEnd().ShouldExitWith(0);
    }
}
