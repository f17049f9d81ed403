using System.Collections.Immutable;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>
/// All weights of a model, and with training their gradients and master copies, laid out by the parameter table; of them, what this rank
/// has.
/// </summary>
public sealed class ParameterStore : IDisposable
{
    private readonly List<ParameterGroup> _reducing = [];

    /// <param name="sharding">How the ranks share the weights; null for a single process.</param>
    /// <exception cref="ConfigException">The experts cannot be dealt out.</exception>
    public ParameterStore(
        Engine engine, LlamaArchitecture architecture, ScalarType parameterType, bool withGradients, Sharding? sharding = null)
    {
        (Engine, Architecture, ParameterType, Sharding) = (engine, architecture, parameterType, sharding ?? Sharding.None);
        Table = ParameterTable.Of(architecture);
        ConfigException.ThrowIfAny(Sharding.FindProblems(architecture));
        var chunks = Sharding.ChunksOf(architecture);
        Groups = [.. Table
            .Where(spec => chunks.Any(chunk => chunk.Holds(spec, architecture.TieWordEmbeddings)))
            .GroupBy(spec => BlockOf(spec) + KindOf(spec))
            .Select(group => new ParameterGroup(
                engine, group.Key, [.. group.Select(SliceOf)], parameterType, withGradients, Sharding.Of(group.First())))];
    }

    public Engine Engine { get; }
    public LlamaArchitecture Architecture { get; }
    public ScalarType ParameterType { get; }
    public ParameterTable Table { get; }
    public ImmutableArray<ParameterGroup> Groups { get; }
    public Sharding Sharding { get; }
    public Axis Tp => Sharding.Tp;

    /// <summary>The shape with the heads that this rank has.</summary>
    public LlamaArchitecture LocalArchitecture => Architecture with
    {
        NumAttentionHeads = Architecture.NumAttentionHeads / Tp.Degree,
        NumKeyValueHeads = Architecture.NumKeyValueHeads / Tp.Degree,
        HeadDim = Architecture.HeadDim,
    };

    public Axis Cp => Sharding.Mesh.Cp;

    /// <summary>The rows of each microbatch that this rank has; null for all.</summary>
    public ContextPart? Context => Cp.Degree == 1 ? null : new ContextPart(Cp.Rank, Cp.Degree, Sharding.CpMethod);

    /// <summary>The token ids whose rows of embedding and head this rank has.</summary>
    public VocabularyPart Vocabulary
    {
        get
        {
            var (start, count) = ParameterSlice.Part(Architecture.VocabSize, Tp.Rank, Tp.Degree);
            return new VocabularyPart(start, count);
        }
    }

    /// <summary>
    /// A parameter of a decoder layer by its parts, for example <c>Layer(0, "self_attn.q_proj", ...)</c>; several parts must
    /// be neighbours.
    /// </summary>
    public Parameter Layer(int layer, params ReadOnlySpan<string> parts)
    {
        var names = new string[parts.Length];
        for (var i = 0; i < parts.Length; i++)
            names[i] = ParameterTable.LayerName(layer, parts[i]);
        return View(names);
    }

    /// <summary>The parameter of a name, seen by one layer; the store disposes what it sees.</summary>
    public Parameter View(params string[] names) => GroupOf(names[0]).View(names);

    public ParameterGroup GroupOf(string parameter) => Groups.First(group => group.Contains(parameter));

    /// <summary>The groups of the blocks that some parameters belong to.</summary>
    public ParameterBlock Block(params string[] parameters)
    {
        var blocks = parameters.Select(name => BlockOf(Table.Single(spec => spec.Name == name))).ToHashSet();
        return new ParameterBlock([.. Groups.Where(group => blocks.Contains(BlockOf(group.Slices[0].Parameter)))]);
    }

    /// <summary>Starts a step: the next contribution to each gradient overwrites it.</summary>
    public void ForgetGradients()
    {
        foreach (var group in Groups)
            group.ForgetGradients();
    }

    /// <summary>A microbatch's gradients of some groups are there: their sum over the ranks begins, behind what is computed next.</summary>
    /// <param name="isLast">True for the step's last microbatch: sums that wait for all of them begin too.</param>
    /// <remarks>A sum over several axes takes its next step when the next groups begin theirs, which is the same place on every rank.</remarks>
    public void StartReduce(IReadOnlyList<ParameterGroup> groups, bool isLast)
    {
        foreach (var group in groups)
            group.StartReduce(isLast);
        _reducing.RemoveAll(group => groups.Contains(group) || !group.ContinueReduce());
        _reducing.AddRange(groups);
    }

    /// <summary>Ends a step's gradients: afterwards each rank has its part of the sum over all rows of the step.</summary>
    public void FinishGradients()
    {
        _reducing.Clear();
        foreach (var group in Groups)
            group.FinishGradients();
        // A tied embedding is on the first stage and, as its head, on the last: both need the sum of what each of them found.
        if (Architecture.TieWordEmbeddings && Groups.FirstOrDefault(group => group.Contains(ParameterTable.EmbeddingName)) is { } embedding)
            Sharding.Mesh.PpEnds.AllReduce(embedding.Gradients);
    }

    public void Dispose()
    {
        foreach (var group in Groups)
            group.Dispose();
    }

    private ParameterSlice SliceOf(ParameterSpec spec)
    {
        var ep = Sharding.Mesh.Ep;
        return ParameterSlice.Of(spec, Tp.Rank, Tp.Degree, ep.Rank, ep.Degree);
    }

    /// <summary>What lies on the mesh alike and is decayed alike, behind the block's name.</summary>
    private static string KindOf(ParameterSpec spec) => spec switch
    {
        { IsDecayed: false } => "/norms",
        { IsExpert: true } => "/experts",
        _ when ParameterLayout.Of(spec).Placement == Placement.Replicated => "/router",
        _ => "",
    };

    private static string BlockOf(ParameterSpec spec) => spec switch
    {
        { Layer: { } layer } => $"layers.{layer}",
        { Role: ParameterRole.Embedding } => "embed_tokens",
        _ => "head",
    };
}
