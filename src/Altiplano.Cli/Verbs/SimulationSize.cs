using System.Globalization;
using Altiplano.Planning.Simulation;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Verbs;

/// <summary>Refuses what nobody would wait for.</summary>
internal static class SimulationSize
{
    /// <summary>Failures of all runs together: minutes of work.</summary>
    private const double MostFailures = 1e8;

    /// <exception cref="ConfigException">The runs have too many failures.</exception>
    public static void Check(SimulatedRunSpec spec, int seeds)
    {
        var length = spec.Duration?.Value ?? spec.Steps!.Value * spec.StepTime.Value;
        var between = spec.Goodput.MeanTimeBetweenFailures;
        var failures = length / between * seeds;
        if (!(failures > MostFailures))
            return;
        throw new ConfigException(string.Create(CultureInfo.InvariantCulture,
            $"--seeds is {seeds}, and so many runs of {length / Seconds.PerDay:G6} days with a failure every {new Seconds(between).ToShortString()} " +
            $"have {failures:G3} failures. At most {MostFailures:N0} are played: {Remedy(length, between, seeds)}"));
    }

    private static string Remedy(double length, double between, int seeds)
    {
        var fewer = Math.Floor(MostFailures * between / length);
        var days = MostFailures * between / seeds / Seconds.PerDay;
        return string.Create(CultureInfo.InvariantCulture, $"use {(fewer >= 1 ? $"--seeds {fewer} or less, or " : "")}runs of {days:G3} days or less.");
    }
}
