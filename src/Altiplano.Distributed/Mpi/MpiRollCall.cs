using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Altiplano.Distributed.Mpi;

/// <summary>Asks the ranks of a group whether they have come to a collective, and answers when others ask.</summary>
/// <remarks>
/// The messages go over a communicator of their own. A rank answers from its helper thread whatever its main thread does; one that is
/// stopped, or whose network is gone, does not answer, and counts as absent.
/// </remarks>
internal sealed unsafe class MpiRollCall(MpiLibrary library, nint handle, int self, TimeSpan patience)
{
    private const int Tag = 3;
    private const int Words = 4;

    private readonly MpiRequests _sent = new(library.Constants, handle);
    private readonly List<nint> _texts = [];
    private readonly Dictionary<int, bool> _answers = [];
    private MpiPending? _subject;
    private long _asked;

    private enum Word : long
    {
        HasCome,
        Yes,
        No,
    }

    /// <summary>World ranks of a group that have not come; null while answers may still arrive.</summary>
    public IReadOnlyList<int>? FindAbsent(MpiPending expired)
    {
        var members = expired.Communicator.Members;
        if (expired.Label.Kind.IsPointToPoint())
            return [.. expired.AwaitedPeers().Distinct().Select(peer => members[peer])];
        if (_subject != expired)
            Ask(expired);
        if (_answers.Count < members.Count - 1 && Stopwatch.GetElapsedTime(_asked) < patience)
            return null;
        var others = Enumerable.Range(0, members.Count).Select(rank => members[rank]).Where(rank => rank != self);
        return [.. others.Where(rank => !_answers.GetValueOrDefault(rank))];
    }

    /// <summary>Reads what has arrived, and answers questions.</summary>
    /// <param name="numStarted">Collectives started here on the group with an id; 0 when there is none.</param>
    public void Tend(Func<long, long> numStarted)
    {
        while (Read() is { } message)
        {
            if (message.Word == Word.HasCome)
                Send(message.From, numStarted(message.Group) > message.Sequence ? Word.Yes : Word.No, message.Group, message.Sequence);
            else if (_subject is not null && message.Group == _subject.Communicator.Id && message.Sequence == _subject.Label.Sequence)
                _answers[message.From] = message.Word == Word.Yes;
        }
    }

    private void Ask(MpiPending expired)
    {
        (_subject, _asked) = (expired, Stopwatch.GetTimestamp());
        _answers.Clear();
        var members = expired.Communicator.Members;
        for (var rank = 0; rank < members.Count; rank++)
        {
            if (members[rank] != self)
                Send(members[rank], Word.HasCome, expired.Communicator.Id, expired.Label.Sequence);
        }
    }

    private (int From, Word Word, long Group, long Sequence)? Read()
    {
        int flag;
        var constants = library.Constants;
        MpiLibrary.Check(MpiNative.MPI_Iprobe(constants.AnySource, Tag, handle, &flag, constants.StatusIgnore));
        if (flag == 0)
            return null;
        var text = stackalloc long[Words];
        MpiLibrary.Check(MpiNative.MPI_Recv(
            (nint)text, Words * sizeof(long), constants.Byte, constants.AnySource, Tag, handle, constants.StatusIgnore));
        return ((int)text[0], (Word)text[1], text[2], text[3]);
    }

    private void Send(int rank, Word word, long group, long sequence)
    {
        if (_sent.Test())
            FreeTexts();
        var text = (long*)NativeMemory.Alloc(Words * sizeof(long));
        (text[0], text[1], text[2], text[3]) = (self, (long)word, group, sequence);
        _texts.Add((nint)text);
        _sent.Send((nint)text, Words * sizeof(long), rank, Tag);
    }

    private void FreeTexts()
    {
        foreach (var text in _texts)
            NativeMemory.Free((void*)text);
        _texts.Clear();
    }
}
