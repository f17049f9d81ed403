namespace Altiplano.Data.TokenFiles;

/// <summary>Integer type of the tokens in a .bin file; the values are the codes of Megatron's .idx format.</summary>
public enum TokenDtype : byte
{
    UInt8 = 1,
    Int8 = 2,
    Int16 = 3,
    Int32 = 4,
    Int64 = 5,
    UInt16 = 8,
}

/// <summary>Facts of the token types.</summary>
public static class TokenDtypes
{
    private const int UInt16VocabLimit = 65_500; // Megatron-LM's choice, so that both write the same files

    /// <summary>The smallest type that Megatron-LM would choose for a vocabulary.</summary>
    public static TokenDtype For(int vocabSize) => vocabSize < UInt16VocabLimit ? TokenDtype.UInt16 : TokenDtype.Int32;

    public static int NumBytes(this TokenDtype dtype) => dtype switch
    {
        TokenDtype.UInt8 or TokenDtype.Int8 => 1,
        TokenDtype.UInt16 or TokenDtype.Int16 => 2,
        TokenDtype.Int32 => 4,
        _ => 8,
    };
}
