namespace Altiplano.Planning.Costs;

/// <summary>Kernels of one microbatch in one layer on one rank: seconds, operations and bytes.</summary>
internal struct LayerWork
{
    public double MatricesForward;
    public double MatricesBackward;
    public double AttentionForward;
    public double AttentionBackward;

    /// <summary>Operations of the forward pass.</summary>
    public double MatrixFlops;
    public double AttentionFlops;

    /// <summary>Bytes of the forward pass; the backward pass moves twice as many.</summary>
    public double ElementwiseBytes;

    /// <summary>Bytes of conversions to 8 bits, both passes.</summary>
    public double CastBytes;

    /// <summary>Bytes that matrix products move, both passes.</summary>
    public double ProductBytes;

    /// <summary>Adds x[m, k] times w[k, n], and for the backward pass both gradients.</summary>
    public void AddProduct(KernelTiming kernels, double m, double n, double k, double count = 1)
    {
        MatricesForward += kernels.Product(m, n, k, count);
        MatricesBackward += kernels.Product(m, k, n, count) + kernels.Product(n, k, m, count);
        MatrixFlops += 2 * m * n * k * count;
        ProductBytes += 6 * (m * n + n * k + m * k) * count;
        if (kernels.IsFp8)
            CastBytes += (8 * m * k + 4 * m * n) * count;
    }

    /// <summary>Adds two products, or three where the model gates them.</summary>
    public void AddFeedForward(KernelTiming kernels, double tokens, double hidden, double width, bool isGated, double count = 1)
    {
        AddProduct(kernels, tokens, isGated ? 2 * width : width, hidden, count);
        AddProduct(kernels, tokens, hidden, width, count);
    }
}
