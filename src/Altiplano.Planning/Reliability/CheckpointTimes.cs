using Altiplano.Planning.Units;

namespace Altiplano.Planning.Reliability;

/// <summary>How long a checkpoint takes, from its size and the bandwidths in its way.</summary>
/// <param name="Copy">From GPU to host memory: what an asynchronous checkpoint stops training for.</param>
/// <param name="Write">From host memory to storage or to a peer: what a synchronous one stops training for on top.</param>
public readonly record struct CheckpointTimes(Seconds Copy, Seconds Write)
{
    /// <summary>Bytes of weights (bf16), master weights and both moments (fp32) for each parameter.</summary>
    public const double BytesPerParameter = 14;

    /// <param name="bytes">Of the whole checkpoint, each part written once.</param>
    /// <param name="gpus">That write it, each the same share.</param>
    /// <param name="copyBytesPerSecond">Of each GPU to its host; about 55e9 over PCIe 5 x16.</param>
    /// <param name="writeBytesPerSecond">Of all writers together.</param>
    public static CheckpointTimes Of(double bytes, long gpus, double copyBytesPerSecond, double writeBytesPerSecond) =>
        new(new Seconds(bytes / gpus / copyBytesPerSecond), new Seconds(bytes / writeBytesPerSecond));
}
