using System.Numerics;
using System.Runtime.Intrinsics;

namespace Altiplano.Distributed.Reductions;

/// <summary>A reduction of two elements, alone and eight lanes abreast: the same bits either way.</summary>
internal interface IReducer<T>
{
    static abstract T Combine(T earlier, T later);

    static abstract Vector256<T> Combine(Vector256<T> earlier, Vector256<T> later);
}

internal readonly struct SumReducer<T> : IReducer<T>
    where T : INumber<T>
{
    public static T Combine(T earlier, T later) => earlier + later;

    public static Vector256<T> Combine(Vector256<T> earlier, Vector256<T> later) => earlier + later;
}

internal readonly struct MaxReducer<T> : IReducer<T>
    where T : INumber<T>
{
    public static T Combine(T earlier, T later) => T.Max(earlier, later);

    public static Vector256<T> Combine(Vector256<T> earlier, Vector256<T> later) => Vector256.Max(earlier, later);
}
