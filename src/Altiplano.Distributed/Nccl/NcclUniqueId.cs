using System.Runtime.CompilerServices;

namespace Altiplano.Distributed.Nccl;

/// <summary>ncclUniqueId: what the ranks of one world find each other by; rank 0 makes it.</summary>
[InlineArray(Size)]
internal struct NcclUniqueId
{
    public const int Size = 128;

    private byte _first;
}
