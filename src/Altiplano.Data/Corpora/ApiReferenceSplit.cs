namespace Altiplano.Data.Corpora;

/// <summary>Deals the members of all assemblies to training and the two held-out texts, each paragraph once.</summary>
/// <remarks>
/// Paragraphs are compared by their letters and digits. One that stands several times is kept where it stands first in the training text,
/// and in a held-out text only when training does not have it. Near-duplicates, such as overloads that differ in a word, stay on both
/// sides: they are what makes held-out members easier than held-out assemblies.
/// </remarks>
internal sealed class ApiReferenceSplit
{
    private readonly HashSet<string> _heldOutAssemblies;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly ApiReferencePart _train = new();
    private readonly ApiReferencePart _val = new();
    private readonly ApiReferencePart _valMembers = new();

    private ApiReferenceSplit(HashSet<string> heldOutAssemblies) => _heldOutAssemblies = heldOutAssemblies;

    public static ApiReference Of(IReadOnlyList<XmlDocAssembly> assemblies)
    {
        var split = new ApiReferenceSplit(ChooseAssemblies(assemblies));
        var members = assemblies.SelectMany(assembly => assembly.Members.Select(member => (assembly, member)))
            .ToLookup(entry => split.PartOf(entry.assembly, entry.member) == split._train);
        foreach (var (assembly, member) in members[true].Concat(members[false]))
            split.Add(assembly, member);
        return new ApiReference(split._train.ToDocuments(), split._val.ToDocuments(), split._valMembers.ToDocuments());
    }

    /// <summary>Takes assemblies in the order of the hash of their name until they hold the wanted share of the text.</summary>
    private static HashSet<string> ChooseAssemblies(IReadOnlyList<XmlDocAssembly> assemblies)
    {
        var room = (long)(assemblies.Sum(assembly => assembly.NumCharacters) * ApiReference.HeldOutShare);
        var chosen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var assembly in assemblies.OrderBy(assembly => StableHash.Of("assembly", assembly.Name)))
        {
            if (assembly.NumCharacters > room)
                continue; // one large assembly must not be the whole of the held-out text
            chosen.Add(assembly.Name);
            room -= assembly.NumCharacters;
        }

        return chosen;
    }

    private void Add(XmlDocAssembly assembly, XmlDocMember member)
    {
        var unseen = member.Paragraphs.Where(paragraph => _seen.Add(KeyOf(paragraph))).ToList();
        if (unseen.Count > 0)
            PartOf(assembly, member).Add(assembly, member with { Paragraphs = unseen });
    }

    private ApiReferencePart PartOf(XmlDocAssembly assembly, XmlDocMember member)
    {
        if (_heldOutAssemblies.Contains(assembly.Name))
            return _val;
        return StableHash.IsChosen("member", member.Id, ApiReference.HeldOutShare) ? _valMembers : _train;
    }

    private static string KeyOf(string paragraph) =>
        string.Concat(paragraph.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
