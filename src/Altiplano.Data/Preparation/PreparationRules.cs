namespace Altiplano.Data.Preparation;

/// <summary>What must hold before a preparation begins.</summary>
internal static class PreparationRules
{
    /// <exception cref="DataFormatException">
    /// An option is out of its range, or asks for an id that the tokenizer does not have.
    /// </exception>
    public static void Check(PreparationOptions options, TokenEncoder encoder)
    {
        if (options.Workers < 1)
            throw new DataFormatException($"workers is {options.Workers}; at least 1 is needed.");
        if (options.ValidationShare is not (>= 0 and < 1))
            throw new DataFormatException(
                $"The validation share is {options.ValidationShare}; it is a part of the documents, from 0 to below 1.");
        if (options.AddBos && encoder.BosId is null)
            throw new DataFormatException(
                "The tokenizer has no begin-of-text id to put before each document. Use another tokenizer, or --no-bos.");
        if (options.AddEos && encoder.EosId is null)
            throw new DataFormatException(
                "The tokenizer has no end-of-text id to put behind each document. Use another tokenizer, or --no-eos.");
    }
}
