namespace Altiplano.Torch.Kernels;

/// <summary>A row-major matrix of fp32 in memory, or its transpose.</summary>
/// <param name="Stride">Elements from one stored row to the next.</param>
internal readonly unsafe record struct MatrixOperand(nint Address, long Stride, bool IsTransposed)
{
    public float* Data => (float*)Address;

    public static MatrixOperand Of(Tensor matrix, bool isTransposed = false) =>
        new((nint)Memory.Of<float>(matrix), matrix.Strides[0], isTransposed);
}

/// <summary>C = A B + addend in fp32: blocks of B are packed into the second-level cache, and the rows of A pass by.</summary>
/// <remarks>Each element sums over k in the same order whatever the number of threads.</remarks>
internal sealed unsafe class BlockedProduct
{
    /// <summary>Most rows and columns of C that one call of the kernel makes.</summary>
    private const int Side = 64;

    /// <summary>Rows are shared out among threads by this many, so that each gets as many.</summary>
    private const int RowUnit = 16;

    /// <summary>Longest part of a sum that one call makes.</summary>
    private const int MaxDepth = 384;

    /// <summary>Columns whose packed block is kept while the rows of A pass by.</summary>
    private const int MaxWidth = 768;

    /// <summary>Elements of a packed block of B: half of a megabyte of second-level cache.</summary>
    private const int MaxPacked = 1 << 17;

    /// <summary>Keeps the rows of a packed block of A out of each other's cache sets.</summary>
    private const int RowPadding = 16;

    /// <summary>Fewer multiply-adds than these are not worth the packing.</summary>
    private const long MinWork = 1 << 19;

    private readonly long _m;
    private readonly long _n;
    private readonly long _k;
    private readonly MatrixOperand _a;
    private readonly MatrixOperand _b;
    private readonly MatrixOperand _c;
    private readonly MatrixOperand? _addend;
    private readonly long _depth;
    private readonly long _width;

    private BlockedProduct(long k, Tensor output, Tensor? addend, MatrixOperand a, MatrixOperand b)
    {
        (_m, _n, _k) = (output.Size(0), output.Size(1), k);
        (_a, _b, _c) = (a, b, MatrixOperand.Of(output));
        _addend = addend is null ? null : MatrixOperand.Of(addend);
        _width = Math.Min(RoundUp(_n, Side), a.IsTransposed ? MaxWidth : MaxPacked / MaxDepth / Side * Side);
        var deepest = Math.Min(MaxDepth, MaxPacked / _width);
        _depth = RoundUp(Divide(k, Divide(k, deepest)), 16);
    }

    private bool IsAccumulating => _addend is { } addend && addend.Address == _c.Address;

    /// <summary>True where this route computes the product, and faster than libtorch's.</summary>
    public static bool Suits(Tensor output, Tensor? addend, Tensor a, Tensor b) =>
        BlockKernel.IsAvailable && a.Type is ScalarType.Float32 && output.Type is ScalarType.Float32
        && a.Strides[1] == 1 && b.Strides[1] == 1 && output.Strides[1] == 1 && (addend is null || addend.Strides[1] == 1)
        && a.NumElements * output.Size(1) >= MinWork && output.Size(0) >= Side / 2;

    /// <summary>output = a b + addend.</summary>
    /// <param name="addend">[M, N], or null; may be <paramref name="output"/> itself.</param>
    public static void Run(Tensor output, Tensor? addend, Tensor a, Tensor b, bool transposeA, bool transposeB)
    {
        var product = new BlockedProduct(
            a.Size(transposeA ? 0 : 1), output, addend, MatrixOperand.Of(a, transposeA), MatrixOperand.Of(b, transposeB));
        product.Run();
    }

    /// <summary>A thread takes some columns where they are many more than rows: no two pack the same block. Else it takes rows.</summary>
    private void Run()
    {
        if (_n >= 4 * _m && !_a.IsTransposed)
            ParallelRange.For(Divide(_n, Side), 1, (begin, end) => RunPart(0, _m, begin * Side, Math.Min(end * Side, _n)));
        else
        {
            ParallelRange.For(
                Divide(_m, RowUnit), 1, (begin, end) => RunPart(begin * RowUnit, Math.Min(end * RowUnit, _m), 0, _n));
        }
    }

    private void RunPart(long firstRow, long endRow, long firstColumn, long endColumn)
    {
        using var scratch = new Scratch(_depth * _width + Side * (_depth + RowPadding));
        var packedB = scratch.Take(_depth * _width);
        var packedA = scratch.Take(Side * (_depth + RowPadding));
        var side = RoundUp(Divide(endRow - firstRow, Divide(endRow - firstRow, Side)), RowUnit);
        for (var k = 0L; k < _k; k += _depth)
        {
            var depth = Math.Min(_depth, _k - k);
            for (var column = firstColumn; column < endColumn; column += _width)
            {
                var width = Math.Min(_width, endColumn - column);
                PackB(packedB, k, depth, column, width);
                for (var row = firstRow; row < endRow; row += side)
                    RunRows(packedA, packedB, row, Math.Min(side, endRow - row), k, depth, column, width);
            }
        }
    }

    private void RunRows(float* packedA, float* packedB, long row, long rows, long k, long depth, long column, long width)
    {
        var strideA = _a.IsTransposed ? _depth + RowPadding : _a.Stride;
        var a = _a.IsTransposed ? packedA : _a.Data + row * _a.Stride + k;
        if (_a.IsTransposed)
            BlockTranspose.Copy(_a.Data + k * _a.Stride + row, _a.Stride, packedA, strideA, depth, rows);

        for (var i = 0L; i < width; i += Side)
        {
            var columns = Math.Min(Side, width - i);
            if (k == 0)
                CopyAddend(row, rows, column + i, columns);
            BlockKernel.Run(
                rows, columns, depth, a, strideA, packedB + i * depth, Side,
                _c.Data + row * _c.Stride + column + i, _c.Stride, accumulate: k > 0 || _addend is not null);
        }
    }

    /// <summary>Packs a block of B as panels of 64 columns, one behind the other.</summary>
    private void PackB(float* packed, long k, long depth, long column, long width)
    {
        for (var i = 0L; i < width; i += Side)
        {
            var panel = packed + i * depth;
            var columns = Math.Min(Side, width - i);
            if (_b.IsTransposed)
                BlockTranspose.Copy(_b.Data + (column + i) * _b.Stride + k, _b.Stride, panel, Side, columns, depth);
            else
                CopyRows(_b.Data + k * _b.Stride + column + i, _b.Stride, panel, Side, depth, columns);
        }
    }

    private void CopyAddend(long row, long rows, long column, long columns)
    {
        if (_addend is { } addend && !IsAccumulating)
        {
            CopyRows(
                addend.Data + row * addend.Stride + column, addend.Stride,
                _c.Data + row * _c.Stride + column, _c.Stride, rows, columns);
        }
    }

    private static void CopyRows(
        float* source, long sourceStride, float* destination, long destinationStride, long rows, long columns)
    {
        for (var i = 0L; i < rows; i++)
        {
            new Span<float>(source + i * sourceStride, (int)columns)
                .CopyTo(new Span<float>(destination + i * destinationStride, (int)columns));
        }
    }

    private static long Divide(long a, long b) => (a + b - 1) / b;

    private static long RoundUp(long a, long unit) => Divide(a, unit) * unit;
}
