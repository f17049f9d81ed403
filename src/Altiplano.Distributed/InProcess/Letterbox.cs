namespace Altiplano.Distributed.InProcess;

/// <summary>A buffer that is sent or waited for, and its end.</summary>
internal readonly record struct Letter(NativeBuffer Buffer, Completion Completion);

/// <summary>Sends and receives of a group that have not met; those of one pair of ranks meet in order.</summary>
internal sealed class Letterbox
{
    private readonly Dictionary<(int From, int To), Queue<Letter>> _sent = [];
    private readonly Dictionary<(int From, int To), Queue<Letter>> _awaited = [];

    public Letter? TakeAwaited(int from, int to) => Take(_awaited, (from, to));

    public Letter? TakeSent(int from, int to) => Take(_sent, (from, to));

    public void AddSent(int from, int to, Letter letter) => Add(_sent, (from, to), letter);

    public void AddAwaited(int from, int to, Letter letter) => Add(_awaited, (from, to), letter);

    public void Fail(CollectiveException failure)
    {
        foreach (var letter in _sent.Values.Concat(_awaited.Values).SelectMany(queue => queue))
            letter.Completion.Fail(failure);
    }

    private static Letter? Take(Dictionary<(int, int), Queue<Letter>> box, (int, int) pair) =>
        box.TryGetValue(pair, out var queue) && queue.TryDequeue(out var letter) ? letter : null;

    private static void Add(Dictionary<(int, int), Queue<Letter>> box, (int, int) pair, Letter letter)
    {
        if (!box.TryGetValue(pair, out var queue))
            box[pair] = queue = new Queue<Letter>();
        queue.Enqueue(letter);
    }
}
