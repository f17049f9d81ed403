namespace Altiplano.Planning;

/// <summary>
/// The number format of parameters and activations on the step path; master weights are fp32, or fp64 in an fp64 run.
/// </summary>
public enum Precision
{
    Fp32,
    Fp64,
    Bf16,
    /// <summary>Matrix products on 8-bit inputs, everything else as in bf16. Plans know it; the trainer does not have it.</summary>
    Fp8,
}
