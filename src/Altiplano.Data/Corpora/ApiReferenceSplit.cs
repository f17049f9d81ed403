using System.Text;

namespace Altiplano.Data.Corpora;

/// <summary>Deals the members of all assemblies to training and the two held-out texts.</summary>
/// <remarks>
/// Text is compared by its letters and digits. Of members whose whole text is the same, the first is kept. A held-out member
/// loses each paragraph that also stands in the training text, and all of it may go; so no held-out paragraph is in training.
/// Near-duplicates, such as overloads that differ in a word, stay on both sides: they are what makes held-out members easier than
/// held-out assemblies.
/// </remarks>
internal sealed class ApiReferenceSplit
{
    private readonly HashSet<string> _heldOutAssemblies;
    private readonly HashSet<string> _trained = new(StringComparer.Ordinal);
    private readonly ApiReferencePart _train = new();
    private readonly ApiReferencePart _val = new();
    private readonly ApiReferencePart _valMembers = new();

    private ApiReferenceSplit(HashSet<string> heldOutAssemblies) => _heldOutAssemblies = heldOutAssemblies;

    public static ApiReference Of(IReadOnlyList<XmlDocAssembly> assemblies)
    {
        var members = assemblies.SelectMany(assembly => assembly.Members.Select(member => (assembly, member)))
            .DistinctBy(entry => KeyOf(entry.member.Paragraphs), StringComparer.Ordinal).ToList();
        var split = new ApiReferenceSplit(ChooseAssemblies(assemblies));
        foreach (var (assembly, member) in members)
            split.Train(assembly, member);
        foreach (var (assembly, member) in members)
            split.HoldOut(assembly, member);
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

    private void Train(XmlDocAssembly assembly, XmlDocMember member)
    {
        if (PartOf(assembly, member) != _train)
            return;
        _train.Add(assembly, member);
        _trained.UnionWith(member.Paragraphs.Select(paragraph => KeyOf([paragraph])));
    }

    private void HoldOut(XmlDocAssembly assembly, XmlDocMember member)
    {
        var part = PartOf(assembly, member);
        if (part == _train)
            return;
        var unseen = member.Paragraphs.Where(paragraph => !_trained.Contains(KeyOf([paragraph]))).ToList();
        if (unseen.Count > 0)
            part.Add(assembly, member with { Paragraphs = unseen });
    }

    private ApiReferencePart PartOf(XmlDocAssembly assembly, XmlDocMember member)
    {
        if (_heldOutAssemblies.Contains(assembly.Name))
            return _val;
        return StableHash.IsChosen("member", member.Id, ApiReference.HeldOutShare) ? _valMembers : _train;
    }

    private static string KeyOf(IEnumerable<string> paragraphs)
    {
        var key = new StringBuilder();
        foreach (var c in paragraphs.SelectMany(paragraph => paragraph).Where(char.IsLetterOrDigit))
            key.Append(char.ToLowerInvariant(c));
        return key.ToString();
    }
}
