using System.Runtime.CompilerServices;

namespace Altiplano.Torch;

/// <summary>
/// Checks on operands before a native call: a wrong output shape would silently resize it and overwrite its neighbours.
/// </summary>
internal static class Expect
{
    /// <exception cref="ShapeException">The tensor has another shape or element type.</exception>
    public static void Is(
        Tensor tensor, ScalarType type, ReadOnlySpan<long> shape,
        [CallerArgumentExpression(nameof(tensor))] string name = "", [CallerMemberName] string operation = "")
    {
        if (tensor.Type != type || !tensor.Shape.SequenceEqual(shape))
            Fail(operation, $"{name} is {tensor}, expected {type.ShortName()}[{Tensor.Join(shape)}]");
    }

    /// <summary>As <see cref="Is"/>, for operands that a kernel walks through by address.</summary>
    /// <exception cref="ShapeException">
    /// The tensor has another shape or element type, or its elements do not follow each other.
    /// </exception>
    public static void Dense(
        Tensor tensor, ScalarType type, ReadOnlySpan<long> shape,
        [CallerArgumentExpression(nameof(tensor))] string name = "", [CallerMemberName] string operation = "")
    {
        Is(tensor, type, shape, name, operation);
        Contiguous(tensor, name, operation);
    }

    /// <exception cref="ShapeException">The tensor has another number of dims.</exception>
    public static void Rank(
        Tensor tensor, int rank,
        [CallerArgumentExpression(nameof(tensor))] string name = "", [CallerMemberName] string operation = "")
    {
        if (tensor.Shape.Length != rank)
            Fail(operation, $"{name} is {tensor}, expected {rank} dims");
    }

    /// <exception cref="ShapeException">The elements of the tensor do not follow each other in memory.</exception>
    public static void Contiguous(
        Tensor tensor,
        [CallerArgumentExpression(nameof(tensor))] string name = "", [CallerMemberName] string operation = "")
    {
        if (!tensor.IsContiguous)
            Fail(operation, $"{name} is a strided view {tensor} with strides [{Tensor.Join(tensor.Strides)}], expected contiguous memory");
    }

    /// <exception cref="ShapeException">Always.</exception>
    public static void Fail(string operation, string problem) => throw new ShapeException($"{operation}: {problem}.");
}
