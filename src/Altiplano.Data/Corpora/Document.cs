namespace Altiplano.Data.Corpora;

/// <summary>One text, whole.</summary>
/// <param name="Name">Where it comes from: a path, a path and a line, a type.</param>
public readonly record struct Document(string Name, string Text);
