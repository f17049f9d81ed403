namespace Altiplano.Torch.Operators;

/// <summary>SwiGLU's elementwise part: silu(gate) · up.</summary>
public static class GatedOperators
{
    /// <param name="activation">[R, F].</param>
    /// <param name="gateUp">[R, 2F]: gate in the first F columns, up in the last.</param>
    public static void SwiGlu(this Engine engine, Tensor activation, Tensor gateUp)
    {
        CheckOperands(activation, gateUp);
        using var call = engine.Begin("swiglu", 5.0 * activation.NumElements, 3 * activation.NumBytes);
        if (!call.IsShapeOnly)
            engine.KernelsFor(gateUp.Type).SwiGlu(activation, gateUp);
    }

    /// <param name="dGateUp">[R, 2F]; may be <paramref name="gateUp"/> itself.</param>
    /// <param name="dActivation">[R, F].</param>
    public static void SwiGluBackward(this Engine engine, Tensor dGateUp, Tensor dActivation, Tensor gateUp)
    {
        CheckOperands(dActivation, gateUp);
        Expect.Dense(dGateUp, gateUp.Type, gateUp.Shape);
        using var call = engine.Begin("swiglu_backward", 11.0 * dActivation.NumElements, 5 * dActivation.NumBytes);
        if (!call.IsShapeOnly)
            engine.KernelsFor(gateUp.Type).SwiGluBackward(dGateUp, dActivation, gateUp);
    }

    private static void CheckOperands(Tensor activation, Tensor gateUp)
    {
        Expect.Rank(activation, 2, operation: "swiglu");
        Expect.Contiguous(activation, operation: "swiglu");
        Expect.Dense(gateUp, activation.Type, [activation.Size(0), 2 * activation.Size(1)], operation: "swiglu");
    }
}
