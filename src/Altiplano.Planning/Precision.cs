namespace Altiplano.Planning;

/// <summary>
/// The number format of parameters and activations on the step path; master weights are fp32, or fp64 in an fp64 run.
/// </summary>
public enum Precision
{
    Fp32,
    Fp64,
    Bf16,
}
