using System.Text.Json;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>
/// Writes a Hugging Face folder: config, generation config, tokenizer files, safetensors (sharded above a size).
/// </summary>
public static class HuggingFaceExporter
{
    /// <returns>Bytes of all tensors.</returns>
    /// <exception cref="ConfigException">The target is taken, an option does not fit, or a licence is missing.</exception>
    /// <exception cref="CheckpointException">
    /// The weights cannot be written, or the export was refused when read back; nothing is left of it.
    /// </exception>
    public static long Write(IWeightSource weights, HuggingFaceConfig config, string folder, ExportOptions options)
    {
        WeightCheck.ThrowUnlessExported(config.Architecture, folder);
        if (options.Type is not (WeightType.F32 or WeightType.F16 or WeightType.BF16))
            throw new ConfigException($"A Hugging Face folder cannot hold {options.Type}. Use F32, F16 or BF16.");
        var license = MetaLicense.For(options, options.TokenizerFiles.Count > 0);
        WeightCheck.ThrowUnlessMatching(config.Architecture, weights);
        try
        {
            using var target = ExportTarget.ForFolder(folder, options.Overwrite);
            Directory.CreateDirectory(target.Aside);
            WriteConfig(target.Aside, config with { Dtype = options.Type });
            CopyTokenizer(target.Aside, options.TokenizerFiles);
            license?.WriteTo(target.Aside, overwrite: false);
            var bytes = WriteWeights(target.Aside, weights, config.Architecture, options);
            ExportCheck.Run(target.Aside, folder, options.Verify);
            target.PublishFolder();
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(
                $"{folder}: the export cannot be written: {e.Message} What was there before is as it was.", e);
        }
    }

    private static void WriteConfig(string folder, HuggingFaceConfig config)
    {
        WriteJson(Path.Combine(folder, HuggingFaceConfig.FileName), config.ToJson().WriteTo);
        WriteJson(Path.Combine(folder, HuggingFaceConfig.GenerationFileName), config.ToGenerationJson().WriteTo);
    }

    private static void CopyTokenizer(string folder, IReadOnlyList<string> files)
    {
        foreach (var file in files)
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
    }

    private static long WriteWeights(string folder, IWeightSource weights, LlamaArchitecture model, ExportOptions options)
    {
        var infos = ParameterTable.Of(model).Select(p => new WeightInfo(p.Name, options.Type, p.Shape));
        var shards = Split(infos, options.MaxShardBytes);
        var encoder = new WeightEncoder(weights);
        for (var i = 0; i < shards.Count; i++)
            WriteShard(Path.Combine(folder, NameOf(i, shards.Count)), shards[i], encoder);
        var total = shards.Sum(shard => shard.Sum(w => w.NumBytes));
        if (shards.Count > 1)
            WriteJson(Path.Combine(folder, Safetensors.IndexFile), json => WriteIndex(json, shards, total));
        return total;
    }

    /// <summary>Fills one shard after the other in the order of the table.</summary>
    private static List<List<WeightInfo>> Split(IEnumerable<WeightInfo> weights, long maxBytes)
    {
        var shards = new List<List<WeightInfo>>();
        var room = 0L;
        foreach (var weight in weights)
        {
            if (shards.Count == 0 || weight.NumBytes > room)
            {
                shards.Add([]);
                room = maxBytes;
            }

            shards[^1].Add(weight);
            room -= weight.NumBytes;
        }

        return shards;
    }

    private static void WriteShard(string path, List<WeightInfo> weights, WeightEncoder encoder)
    {
        var header = SafetensorsHeader.Build(weights);
        using var output = new OutputFile(path, header.Length + weights.Sum(w => w.NumBytes));
        output.Write(header);
        foreach (var weight in weights)
            encoder.Write(weight, output);
        output.Complete();
    }

    private static void WriteIndex(Utf8JsonWriter json, List<List<WeightInfo>> shards, long total)
    {
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteNumber("total_size", total);
        json.WriteEndObject();
        json.WriteStartObject("weight_map");
        for (var i = 0; i < shards.Count; i++)
        {
            foreach (var weight in shards[i])
                json.WriteString(weight.Name, NameOf(i, shards.Count));
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string NameOf(int shard, int count) =>
        count == 1 ? Safetensors.SingleFile : $"model-{shard + 1:D5}-of-{count:D5}.safetensors";

    private static void WriteJson(string path, Action<Utf8JsonWriter> write)
    {
        using var stream = File.Create(path);
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
            write(json);
        stream.WriteByte((byte)'\n');
        stream.Flush(flushToDisk: true);
    }
}
