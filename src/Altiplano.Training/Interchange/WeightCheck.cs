using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>Compares the tensors of a source with a model's parameter table.</summary>
internal static class WeightCheck
{
    private const int ComparedElements = 1 << 20;

    /// <param name="path">Of the export, for the message.</param>
    /// <exception cref="ConfigException">The model is of a kind that is not exported.</exception>
    public static void ThrowUnlessExported(LlamaArchitecture model, string path)
    {
        if (!model.IsDenseLlama)
        {
            throw new ConfigException(
                $"{path}: the model is a Llama 4, and exports are of dense Llamas. Its checkpoint has the weights under Hugging Face's names.");
        }
    }

    /// <exception cref="CheckpointException">Tensors are missing, left over or of another shape; lists all of them.</exception>
    public static void ThrowUnlessMatching(LlamaArchitecture model, IWeightSource source)
    {
        var problems = FindProblems(model, source.Weights);
        if (problems.Count > 0)
        {
            throw new CheckpointException(
                $"{source.Origin}: the tensors are not those of the model that its config describes:{Environment.NewLine}" +
                string.Join(Environment.NewLine, problems.Select(p => "  " + p)));
        }

        if (model.TieWordEmbeddings && source.Weights.Any(w => w.Name == ParameterTable.HeadName))
            ThrowUnlessTied(model, source);
    }

    private static List<string> FindProblems(LlamaArchitecture model, IReadOnlyList<WeightInfo> weights)
    {
        var found = weights.ToDictionary(w => w.Name);
        var problems = new List<string>();
        foreach (var parameter in ParameterTable.Of(model))
        {
            if (!found.Remove(parameter.Name, out var weight))
                problems.Add($"{parameter.Name} {WeightInfo.FormatShape(parameter.Shape)} is missing{HintFor(parameter)}");
            else if (!weight.Shape.SequenceEqual(parameter.Shape))
                problems.Add(
                    $"{parameter.Name} is {weight.ShapeText}, but the config says {WeightInfo.FormatShape(parameter.Shape)}");
            else if (!weight.Type.IsReal())
                problems.Add($"{parameter.Name} is {weight.Type}; weights are F64, F32, F16, BF16 or Q8_0");
        }

        var extra = found.Values.Where(w => !IsIgnored(model, w));
        problems.AddRange(extra.Select(w => $"{w.Name} {w.ShapeText} belongs to no part of a Llama"));
        return problems;
    }

    private static string HintFor(ParameterSpec parameter) =>
        parameter.Name == ParameterTable.HeadName ? "; is tie_word_embeddings meant to be true?" : "";

    /// <summary>Old files carry the rotary frequencies, and some tied ones a copy of the embedding.</summary>
    private static bool IsIgnored(LlamaArchitecture model, WeightInfo weight) =>
        weight.Name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal) ||
        (model.TieWordEmbeddings && weight.Name == ParameterTable.HeadName &&
            weight.Shape.SequenceEqual([model.VocabSize, model.HiddenSize]));

    private static void ThrowUnlessTied(LlamaArchitecture model, IWeightSource source)
    {
        var total = (long)model.VocabSize * model.HiddenSize;
        var embedding = new float[Math.Min(total, ComparedElements)];
        var head = new float[embedding.Length];
        for (var first = 0L; first < total; first += embedding.Length)
        {
            var count = (int)Math.Min(embedding.Length, total - first);
            source.Read(ParameterTable.EmbeddingName, first, embedding.AsSpan(0, count));
            source.Read(ParameterTable.HeadName, first, head.AsSpan(0, count));
            var same = embedding.AsSpan(0, count).CommonPrefixLength(head.AsSpan(0, count));
            if (same < count)
            {
                throw new CheckpointException(
                    $"{source.Origin}: tie_word_embeddings is true, but {ParameterTable.HeadName} differs from " +
                    $"{ParameterTable.EmbeddingName} at element {first + same:N0}: {head[same]} and {embedding[same]}. " +
                    "Set tie_word_embeddings to false.");
            }
        }
    }
}
