using Altiplano.Planning.Architecture;
using Altiplano.Tests.Training.Interchange;
using Altiplano.Tests.Training.Layers;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;
using Altiplano.Training.Layers;

namespace Altiplano.Tests.Training.Generation;

/// <summary>Hugging Face folders of tiny models.</summary>
internal static class TinyFolder
{
    /// <summary>The portable tiny Llama 3, its weights rounded to fp32.</summary>
    public static string WriteReference(string folder)
    {
        using var tiny = new TinyLlama();
        using var weights = new ModelWeights(tiny.Parameters);
        var config = new HuggingFaceConfig { Architecture = TinyLlama.Architecture, BosTokenId = 1, EosTokenIds = [2] };
        HuggingFaceExporter.Write(weights, config, folder, new ExportOptions { Type = WeightType.F32 });
        return folder;
    }

    /// <summary>A random model, with tokenizer files where given.</summary>
    public static string WriteRandom(string folder, LlamaArchitecture architecture, ExportOptions? options = null)
    {
        using var weights = MemoryWeights.Random(architecture, seed: 5);
        HuggingFaceExporter.Write(weights, TinyModel.Config(architecture), folder, (options ?? new ExportOptions()) with { Type = WeightType.F32 });
        return folder;
    }
}
