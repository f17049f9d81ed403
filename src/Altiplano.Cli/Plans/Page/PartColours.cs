namespace Altiplano.Cli.Plans.Page;

/// <summary>The colour class of each part of time, memory, power and money; told apart by those who see fewer colours too.</summary>
/// <remarks>After Okabe and Ito: arithmetic is blue, communication orange, waiting grey; names stand beside every bar.</remarks>
internal static class PartColours
{
    private static readonly Dictionary<string, string> Classes = new(StringComparer.Ordinal)
    {
        ["matrices"] = "c-blue", ["attention"] = "c-sky", ["elementwise"] = "c-ice", ["recompute"] = "c-navy", ["launch and fixed"] = "c-slate",
        ["tensor parallel"] = "c-rust", ["context parallel"] = "c-amber", ["expert parallel"] = "c-sand", ["pipeline transfers"] = "c-brick",
        ["data parallel"] = "c-peach", ["bubble"] = "c-grey", ["stragglers"] = "c-mist", ["optimizer"] = "c-green",
        ["parameters"] = "c-blue", ["gradients"] = "c-sky", ["optimizer state"] = "c-green", ["activations"] = "c-amber",
        ["temporaries"] = "c-rust", ["logits"] = "c-purple", ["framework"] = "c-grey", ["fragmentation"] = "c-mist",
        ["gpu"] = "c-blue", ["host"] = "c-sky", ["fans"] = "c-ice", ["network"] = "c-amber", ["storage"] = "c-green",
        ["management"] = "c-purple", ["distribution"] = "c-grey", ["cooling"] = "c-mist",
        ["machines"] = "c-blue", ["building"] = "c-sky", ["energy"] = "c-amber", ["operations"] = "c-green",
        ["training"] = "c-blue", ["checkpoints"] = "c-amber", ["recovery"] = "c-rust", ["lost work"] = "c-peach",
        ["waiting for spares"] = "c-grey", ["absent replicas"] = "c-sky", ["slow servers"] = "c-mist",
    };

    public static string Of(string part) => Classes.GetValueOrDefault(part, "c-slate");
}
