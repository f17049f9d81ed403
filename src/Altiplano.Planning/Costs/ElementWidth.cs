namespace Altiplano.Planning.Costs;

/// <summary>Bytes of an element of a compute format; in fp8 only products' inputs shrink, and these are made anew.</summary>
internal static class ElementWidth
{
    public static double Of(Precision precision) => precision switch
    {
        Precision.Fp32 => 4,
        Precision.Fp64 => 8,
        _ => 2,
    };
}
