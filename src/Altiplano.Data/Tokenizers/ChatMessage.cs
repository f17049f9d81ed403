namespace Altiplano.Data.Tokenizers;

/// <summary>What one side said.</summary>
/// <param name="Role">system, user, assistant, or ipython for the result of a tool.</param>
public sealed record ChatMessage(string Role, string Content);
