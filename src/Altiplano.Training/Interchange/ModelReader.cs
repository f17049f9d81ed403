using Altiplano.Planning;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>
/// Opens a model from a Hugging Face folder, a GGUF file, a checkpoint, or a run folder (its latest checkpoint).
/// </summary>
public static class ModelReader
{
    private const string CheckpointsFolder = "checkpoints";
    private const string TokenizerFile = "tokenizer.json";

    /// <exception cref="ConfigException">
    /// The path is none of these, or its config asks for what this program does not do.
    /// </exception>
    /// <exception cref="CheckpointException">Its weights are damaged, or not those of its config.</exception>
    public static OpenedModel Open(string path)
    {
        var model = OpenUnchecked(path);
        try
        {
            WeightCheck.ThrowUnlessMatching(model.Architecture, model.Weights);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static OpenedModel OpenUnchecked(string path)
    {
        if (File.Exists(path))
            return OpenGguf(path);
        if (!Directory.Exists(path))
            throw new ConfigException(
                $"{path}: does not exist. Give a Hugging Face folder, a .gguf file, a checkpoint or a run folder.");
        if (File.Exists(Path.Combine(path, CheckpointManifest.FileName)))
            return OpenCheckpoint(path, null);
        if (Directory.Exists(Path.Combine(path, CheckpointsFolder)))
            return OpenRun(path);
        if (File.Exists(Path.Combine(path, HuggingFaceConfig.FileName)))
            return OpenHuggingFace(path);
        throw new ConfigException(
            $"{path}: has no {HuggingFaceConfig.FileName} (a Hugging Face folder), no {CheckpointManifest.FileName} " +
            $"(a checkpoint) and no {CheckpointsFolder}/ (a run folder), so it is no model.");
    }

    private static OpenedModel OpenHuggingFace(string folder)
    {
        var config = HuggingFaceConfig.ReadFolder(folder);
        return new OpenedModel
        {
            Path = folder,
            Config = config,
            Weights = Safetensors.OpenFolder(folder),
            TokenizerPath = FindTokenizer(folder),
        };
    }

    private static OpenedModel OpenRun(string folder)
    {
        var latest = new CheckpointStore(Path.Combine(folder, CheckpointsFolder)).FindLatest()
            ?? throw new CheckpointException($"{Path.Combine(folder, CheckpointsFolder)}: holds no checkpoint yet.");
        return OpenCheckpoint(latest.Path, latest.Warning);
    }

    private static OpenedModel OpenCheckpoint(string folder, string? warning)
    {
        var checkpoint = Checkpoint.Open(folder);
        checkpoint.Optimizer.Dispose();
        try
        {
            var manifest = Path.Combine(folder, CheckpointManifest.FileName);
            return new OpenedModel
            {
                Path = folder,
                Config = HuggingFaceConfig.Parse(checkpoint.Manifest.Architecture, $"{manifest}: architecture"),
                Weights = checkpoint.Weights,
                TokenizerPath = FindTokenizer(folder) ?? FindTokenizer(Path.Combine(folder, "..", "..")),
                Warning = warning,
            };
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    private static OpenedModel OpenGguf(string path)
    {
        var file = GgufFile.Open(path);
        try
        {
            var config = GgufArchitecture.Read(file);
            return new OpenedModel
            {
                Path = path,
                Config = config,
                Weights = new GgufWeights(file, config.Architecture),
                GgufTokenizer = GgufTokenizerMetadata.Read(file.Metadata),
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static string? FindTokenizer(string folder)
    {
        var path = Path.GetFullPath(Path.Combine(folder, TokenizerFile));
        return File.Exists(path) ? path : null;
    }
}
