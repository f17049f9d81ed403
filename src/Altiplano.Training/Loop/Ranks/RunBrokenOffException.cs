using Altiplano.Distributed;

namespace Altiplano.Training.Loop.Ranks;

/// <summary>Another rank did not come, or ended: the run breaks off here, and resumes from its newest checkpoint.</summary>
/// <param name="isSpeaker">True on the rank that is to say so: the first that came to note it.</param>
public sealed class RunBrokenOffException(CollectiveException cause, bool isSpeaker) : Exception(cause.Message, cause)
{
    public bool IsSpeaker => isSpeaker;
}
