using System.Text;
using Altiplano.Data.Corpora;
using Altiplano.Data.TokenFiles;

namespace Altiplano.Data.Preparation;

/// <summary>Turns text into the tokens of the training and the validation file. Safe for several threads.</summary>
internal sealed class ChunkEncoder(Corpus corpus, TokenEncoder encoder, PreparationOptions options)
{
    private readonly TokenDtype _dtype = TokenDtypes.For(encoder.VocabSize);

    public EncodedChunk Encode(TextChunk chunk)
    {
        var train = new TokenBatch(_dtype, encoder.VocabSize);
        var validation = new TokenBatch(_dtype, encoder.VocabSize);
        var ids = new List<int>();
        foreach (var part in chunk.Parts)
        {
            EncodePart(part, ids);
            var batch = IsHeldOut(part) ? validation : train;
            batch.Append(ids, Encoding.UTF8.GetByteCount(part.Text), part.EndsDocument);
        }

        return new EncodedChunk(chunk.Index, chunk.Parts[^1], train, validation);
    }

    private void EncodePart(TextPart part, List<int> ids)
    {
        ids.Clear();
        if (part.StartsDocument && options.AddBos)
            ids.Add(encoder.BosId!.Value);
        encoder.Encode(part.Text, ids);
        if (part.EndsDocument && options.AddEos)
            ids.Add(encoder.EosId!.Value);
    }

    private bool IsHeldOut(TextPart part) =>
        options.ValidationShare > 0 && StableHash.IsChosen("validation", corpus.NameOf(part), options.ValidationShare);
}

/// <param name="Last">The last part of the chunk, which tells the place behind it.</param>
internal sealed record EncodedChunk(long Index, TextPart Last, TokenBatch Train, TokenBatch Validation);
