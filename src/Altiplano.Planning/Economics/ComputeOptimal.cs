namespace Altiplano.Planning.Economics;

/// <summary>The size and length of a run that a published law calls best for a budget.</summary>
/// <param name="Loss">Nats a token, where the law predicts it: on the corpus it was fitted to, not on yours.</param>
/// <param name="IsExtrapolated">The budget lies outside the runs that the law was fitted to.</param>
public readonly record struct ComputeOptimal(double Parameters, double Tokens, double? Loss, bool IsExtrapolated);
