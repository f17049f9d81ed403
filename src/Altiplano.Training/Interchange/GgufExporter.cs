using System.Runtime.InteropServices;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>Writes a GGUF file that llama.cpp loads.</summary>
public static class GgufExporter
{
    private const uint QuantizationVersion = 2;

    /// <returns>Bytes of the file.</returns>
    /// <remarks>
    /// Norms are F32 whatever the type; with Q8_0, matrices whose rows are no multiple of 32 are F16. A licence of Meta's goes
    /// beside the file.
    /// </remarks>
    /// <exception cref="ConfigException">The target is taken, an option does not fit, or a licence is missing.</exception>
    /// <exception cref="CheckpointException">
    /// The weights cannot be written, or the export was refused when read back; nothing is left of it.
    /// </exception>
    public static long Write(IWeightSource weights, HuggingFaceConfig config, string path, ExportOptions options)
    {
        WeightCheck.ThrowUnlessExported(config.Architecture, path);
        if (options.Type is not (WeightType.F32 or WeightType.F16 or WeightType.BF16 or WeightType.Q8_0))
            throw new ConfigException($"A GGUF export cannot be {options.Type}. Use F32, F16, BF16 or Q8_0.");
        var license = MetaLicense.For(options, options.GgufTokenizer is not null);
        var metadata = BuildMetadata(config, options);
        WeightCheck.ThrowUnlessMatching(config.Architecture, weights);
        try
        {
            using var target = ExportTarget.ForFile(path, options.Overwrite);
            license?.WriteTo(target.Parent, options.Overwrite);
            var bytes = WriteFile(target.Aside, metadata, weights, config.Architecture, options.Type);
            ExportCheck.Run(target.Aside, path, options.Verify);
            target.PublishFile();
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(
                $"{path}: the export cannot be written: {e.Message} What was there before is as it was.", e);
        }
    }

    /// <summary>The type that a parameter is stored in where an export has this one.</summary>
    public static WeightType StoredType(ParameterSpec parameter, WeightType type)
    {
        if (parameter.Shape.Length == 1)
            return WeightType.F32;
        return parameter.Shape[^1] % type.BlockElements() == 0 ? type : WeightType.F16;
    }

    private static GgufMetadata BuildMetadata(HuggingFaceConfig config, ExportOptions options)
    {
        var metadata = new GgufMetadata(options.Name);
        metadata.Add("general.architecture", "llama");
        metadata.Add("general.type", "model");
        metadata.Add("general.name", options.Name);
        metadata.Add("general.file_type", GgufType.FileTypeOf(options.Type));
        metadata.Add("general.quantization_version", QuantizationVersion);
        metadata.Add(GgufType.AlignmentKey, (uint)GgufType.DefaultAlignment);
        GgufArchitecture.Write(metadata, config.Architecture);
        GgufTokenizerMetadata.Write(metadata, options.GgufTokenizer, config.Architecture.VocabSize);
        return metadata;
    }

    private static long WriteFile(
        string path, GgufMetadata metadata, IWeightSource weights, LlamaArchitecture model, WeightType type)
    {
        var parameters = ParameterTable.Of(model).Select(p => new WeightInfo(p.Name, StoredType(p, type), p.Shape)).ToList();
        var divisors = model.RopeScaling is null ? [] : RotaryRows.Divisors(model);
        var tensors = parameters.ConvertAll(p => p with { Name = GgufNames.ToGguf(p.Name) });
        if (divisors.Length > 0)
            tensors.Add(new WeightInfo(GgufNames.RopeFreqs, WeightType.F32, [divisors.Length]));

        var head = GgufWriter.BuildHead(metadata, tensors);
        var length = tensors.Aggregate((long)head.Length, GgufWriter.PaddedEnd);
        using var output = new OutputFile(path, length);
        output.Write(head);
        WriteTensors(output, parameters, new WeightEncoder(weights), model.HeadDim);
        output.Write(MemoryMarshal.AsBytes<float>(divisors));
        if (divisors.Length > 0)
            Pad(output, tensors[^1]);
        output.Complete();
        return length;
    }

    private static void WriteTensors(OutputFile output, List<WeightInfo> parameters, WeightEncoder encoder, int headDim)
    {
        foreach (var parameter in parameters)
        {
            if (RotaryRows.Concerns(parameter.Name))
                encoder.WriteInterleaved(parameter, headDim, output);
            else
                encoder.Write(parameter, output);
            Pad(output, parameter);
        }
    }

    private static void Pad(OutputFile output, WeightInfo tensor) =>
        output.Write(new byte[GgufWriter.PaddedEnd(0, tensor) - tensor.NumBytes]);
}
