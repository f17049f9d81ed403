namespace Altiplano.Training.Layers;

/// <summary>The groups that one part of the model uses together: embedding, a decoder layer, or final norm and head.</summary>
public sealed class ParameterBlock(IReadOnlyList<ParameterGroup> groups)
{
    public IReadOnlyList<ParameterGroup> Groups => groups;

    /// <summary>Starts to fetch the weights that other ranks keep.</summary>
    internal void StartGather()
    {
        foreach (var group in groups)
            group.StartGather();
    }

    /// <summary>Returns when all weights are here.</summary>
    internal void Gather()
    {
        foreach (var group in groups)
            group.Gather();
    }

    /// <summary>Makes room for a microbatch's gradients.</summary>
    internal void OpenGradients()
    {
        foreach (var group in groups)
            group.OpenGradients();
    }

    /// <summary>The time in which the weights of a block are here.</summary>
    internal readonly struct Use(ParameterBlock block) : IDisposable
    {
        public void Dispose()
        {
            foreach (var group in block.Groups)
                group.Release();
        }
    }
}
