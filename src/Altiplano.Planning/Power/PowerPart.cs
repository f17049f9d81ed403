namespace Altiplano.Planning.Power;

/// <summary>One line of a power bill.</summary>
/// <param name="Name">For example <c>gpu</c>, <c>host</c>, <c>cooling</c>.</param>
/// <param name="WattsPerGpu">With its interval and what it rests on.</param>
/// <param name="Basis">Why it is what it is, for a reader.</param>
public sealed record PowerPart(string Name, Figure WattsPerGpu, string Basis);
