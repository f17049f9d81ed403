using System.ComponentModel;
using System.Diagnostics;

namespace Altiplano.Cli.Launch.Slurm;

/// <summary>Hands a batch script to sbatch.</summary>
internal static class SlurmSubmission
{
    /// <returns>The job's number.</returns>
    /// <exception cref="ConfigException">There is no sbatch, or it refuses the job.</exception>
    public static string Submit(string script)
    {
        using var sbatch = Start();
        // What sbatch has to say may come before it has read everything.
        var (output, error) = (sbatch.StandardOutput.ReadToEndAsync(), sbatch.StandardError.ReadToEndAsync());
        try
        {
            sbatch.StandardInput.Write(script);
            sbatch.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: its own words say why.
        }

        sbatch.WaitForExit();
        if (sbatch.ExitCode != 0)
            throw new ConfigException($"sbatch refused the job: {error.Result.Trim()}");
        return output.Result.Trim().Split(';')[0];
    }

    private static Process Start()
    {
        try
        {
            return Process.Start(new ProcessStartInfo("sbatch", ["--parsable"])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception)
        {
            throw new ConfigException(
                "--submit needs Slurm's sbatch, which is not on PATH. Run this on a login node, or write the script with --write FILE and submit it there.");
        }
    }
}
