namespace Altiplano.Data.Tokenizers;

/// <summary>A token that stands for itself and not for text: recognised before the text is split, where it is at all.</summary>
/// <param name="IsSpecial">A control token; otherwise a word that the user added.</param>
internal readonly record struct AddedToken(int Id, string Text, bool IsSpecial = true);
