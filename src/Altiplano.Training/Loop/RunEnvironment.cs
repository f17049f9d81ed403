using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Altiplano.Planning.Units;

namespace Altiplano.Training.Loop;

/// <summary>The machine and the program that a run ran on: env.json, saved before step 0.</summary>
public sealed record RunEnvironment
{
    public required string Time { get; init; }
    public required string Machine { get; init; }
    public required string OperatingSystem { get; init; }
    public required string Cpu { get; init; }
    public required int Cores { get; init; }
    public required double MemoryGib { get; init; }
    public required string DotnetVersion { get; init; }
    public required string AltiplanoVersion { get; init; }
    public required string LibtorchPath { get; init; }
    public required string LibtorchVersion { get; init; }
    public required int Threads { get; init; }
    public required IReadOnlyList<string> CommandLine { get; init; }

    /// <summary>Looks at this machine and process.</summary>
    public static RunEnvironment Capture(string libtorchPath, string libtorchVersion, int threads, TimeProvider time) => new()
    {
        Time = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
        Machine = Environment.MachineName,
        OperatingSystem = RuntimeInformation.OSDescription,
        Cpu = CpuName(),
        Cores = Environment.ProcessorCount,
        MemoryGib = Math.Round(ProcessMemory.Available().Gib, 1),
        DotnetVersion = RuntimeInformation.FrameworkDescription,
        AltiplanoVersion = typeof(RunEnvironment).Assembly.GetName().Version?.ToString(3) ?? "unknown",
        LibtorchPath = libtorchPath,
        LibtorchVersion = libtorchVersion,
        Threads = threads,
        CommandLine = Environment.GetCommandLineArgs(),
    };

    public void Save(string path) =>
        File.WriteAllText(path, JsonSerializer.Serialize(this, RunEnvironmentJson.Default.RunEnvironment) + "\n");

    /// <exception cref="IOException">The file cannot be read or is not what <see cref="Save"/> writes.</exception>
    public static RunEnvironment Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), RunEnvironmentJson.Default.RunEnvironment)!;
        }
        catch (JsonException error)
        {
            throw new IOException($"{path}: the file is not an environment as train saves it. {error.Message}", error);
        }
    }

    /// <summary>Every fact as a key and a text, in the order of the file.</summary>
    public IReadOnlyList<(string Key, string Value)> Rows()
    {
        var json = JsonSerializer.SerializeToElement(this, RunEnvironmentJson.Default.RunEnvironment);
        return
        [
            .. json.EnumerateObject().Select(p => (p.Name,
                p.Value.ValueKind == JsonValueKind.Array ? string.Join(' ', p.Value.EnumerateArray()) : p.Value.ToString())),
        ];
    }

    /// <summary>The processor's name as Linux tells it; the architecture where it does not.</summary>
    private static string CpuName()
    {
        const string cpuInfo = "/proc/cpuinfo";
        var line = File.Exists(cpuInfo)
            ? File.ReadLines(cpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(RunEnvironment))]
internal sealed partial class RunEnvironmentJson : JsonSerializerContext;
