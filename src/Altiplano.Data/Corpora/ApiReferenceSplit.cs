using System.Text;

namespace Altiplano.Data.Corpora;

/// <summary>Deals the members of all assemblies to training and the two held-out texts, each text once.</summary>
/// <remarks>
/// Members whose whole text is the same (compared by its letters and digits) are kept once, where they stand first, so the text
/// of a held-out
/// member is that of no other. Single phrases, such as "The name of the parameter.", and near-duplicates, such as overloads that
/// differ in
/// a word, stay: they are what makes held-out members easier than held-out assemblies.
/// </remarks>
internal sealed class ApiReferenceSplit(IReadOnlyList<XmlDocAssembly> assemblies)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _heldOutAssemblies = ChooseAssemblies(assemblies);
    private readonly ApiReferencePart _train = new();
    private readonly ApiReferencePart _val = new();
    private readonly ApiReferencePart _valMembers = new();

    public ApiReference ToReference()
    {
        foreach (var assembly in assemblies)
        {
            foreach (var member in assembly.Members)
                Add(assembly, member);
        }

        return new ApiReference(_train.ToDocuments(), _val.ToDocuments(), _valMembers.ToDocuments());
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
        if (_seen.Add(KeyOf(member)))
            PartOf(assembly, member).Add(member);
    }

    private ApiReferencePart PartOf(XmlDocAssembly assembly, XmlDocMember member)
    {
        if (_heldOutAssemblies.Contains(assembly.Name))
            return _val;
        return StableHash.IsChosen("member", member.Id, ApiReference.HeldOutShare) ? _valMembers : _train;
    }

    private static string KeyOf(XmlDocMember member)
    {
        var key = new StringBuilder();
        foreach (var c in member.Paragraphs.SelectMany(paragraph => paragraph).Where(char.IsLetterOrDigit))
            key.Append(char.ToLowerInvariant(c));
        return key.ToString();
    }
}
