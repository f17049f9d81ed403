namespace Altiplano.Data.Corpora;

/// <summary>What happens to bytes that are not UTF-8.</summary>
public enum InvalidUtf8
{
    /// <summary>Reading stops with an error that names the place.</summary>
    Error,

    /// <summary>Each ill-formed sequence becomes U+FFFD.</summary>
    Replace,
}
