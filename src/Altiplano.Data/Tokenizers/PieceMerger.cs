namespace Altiplano.Data.Tokenizers;

/// <summary>
/// Byte-pair encoding of one piece: of all neighbours that merge, the pair of lowest priority first, the leftmost on ties.
/// </summary>
/// <remarks>
/// A linked list of parts and a heap of candidate pairs: O(n log n), also for a piece of a million letters. Not thread-safe.
/// </remarks>
internal sealed class PieceMerger(MergeTable merges, int[] byteIds)
{
    private Part[] _parts = new Part[64];
    private ulong[] _heap = new ulong[64];
    private int _heapCount;

    public void Encode(ReadOnlySpan<byte> piece, List<int> ids)
    {
        Reserve(piece.Length);
        for (var i = 0; i < piece.Length; i++)
            _parts[i] = new Part { Id = byteIds[piece[i]], Previous = i - 1, Next = i + 1, Priority = -1 };
        for (var i = 0; i < piece.Length; i++)
            Offer(i, piece.Length);
        while (_heapCount > 0)
        {
            var candidate = Pop();
            var position = (int)(uint)candidate;
            if (_parts[position].Priority == (int)(candidate >> 32))
                MergeAt(position, piece.Length);
        }
        for (var i = 0; i < piece.Length; i = _parts[i].Next)
            ids.Add(_parts[i].Id);
    }

    private void MergeAt(int position, int end)
    {
        ref var left = ref _parts[position];
        ref var right = ref _parts[left.Next];
        left.Id = left.Result;
        left.Next = right.Next;
        right.Priority = -1;
        if (left.Next < end)
            _parts[left.Next].Previous = position;
        Offer(position, end);
        if (left.Previous >= 0)
            Offer(left.Previous, end);
    }

    /// <summary>Looks up the pair that starts at a part and queues it; what was queued for the part before is void.</summary>
    private void Offer(int position, int end)
    {
        ref var part = ref _parts[position];
        part.Priority = part.Next < end ? merges.Find(part.Id, _parts[part.Next].Id, out part.Result) : -1;
        if (part.Priority >= 0)
            Push(((ulong)(uint)part.Priority << 32) | (uint)position);
    }

    private void Reserve(int length)
    {
        if (_parts.Length < length)
            _parts = new Part[length];
        _heapCount = 0;
    }

    private void Push(ulong item)
    {
        if (_heapCount == _heap.Length)
            Array.Resize(ref _heap, 2 * _heapCount);
        var hole = _heapCount++;
        while (hole > 0 && _heap[(hole - 1) / 2] > item)
        {
            _heap[hole] = _heap[(hole - 1) / 2];
            hole = (hole - 1) / 2;
        }
        _heap[hole] = item;
    }

    private ulong Pop()
    {
        var top = _heap[0];
        var last = _heap[--_heapCount];
        var hole = 0;
        for (var child = 1; child < _heapCount; child = 2 * hole + 1)
        {
            if (child + 1 < _heapCount && _heap[child + 1] < _heap[child])
                child++;
            if (_heap[child] >= last)
                break;
            _heap[hole] = _heap[child];
            hole = child;
        }
        _heap[hole] = last;
        return top;
    }

    /// <summary>A token of the piece so far; Priority and Result are those of its merge with the next part.</summary>
    private struct Part
    {
        public int Id, Previous, Next, Priority, Result;
    }
}
