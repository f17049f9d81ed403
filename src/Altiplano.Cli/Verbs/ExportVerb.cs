using System.CommandLine;
using Altiplano.Planning.Units;
using Altiplano.Torch;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Generation;

namespace Altiplano.Cli.Verbs;

/// <summary><c>export</c> and <c>import</c>: one model, other files.</summary>
internal static class ExportVerb
{
    public static Command Create() => Create(
        "export",
        "Writes a model as a Hugging Face folder or a GGUF file, and refuses it unless it gives the same logits when read back.",
        new Argument<string>("TARGET") { Description = "Folder to write, or a file that ends in .gguf." },
        "bf16", "f32", "f16", "q8_0");

    public static Command CreateImport() => Create(
        "import", "Makes a Hugging Face folder, which a run file's model may name, of any model that can be read.",
        new Argument<string>("FOLDER") { Description = "Folder to write." },
        "f32", "f16", "bf16");

    private static Command Create(
        string name, string description, Argument<string> target, string defaultType, params string[] otherTypes)
    {
        var model = new Argument<string>("MODEL") { Description = "A Hugging Face folder, a GGUF file, a checkpoint, or a run folder." };
        var type = new Option<string>("--type") { Description = "Element type of the weights.", DefaultValueFactory = _ => defaultType }
            .AcceptOnlyFromAmong([defaultType, .. otherTypes]);
        var overwrite = new Option<bool>("--overwrite")
        {
            Description = "Replaces a target that exists, once the new one is complete.",
        };
        var license = new Option<string?>("--tokenizer-license")
        {
            Description = "Meta's licence, which goes with a tokenizer of Meta's.",
        };
        var command = new Command(name, description) { model, target, type, overwrite, license };
        command.SetAction(arguments =>
        {
            var path = arguments.GetRequiredValue(target);
            using var source = ModelArguments.OpenSource(arguments.GetRequiredValue(model), arguments.InvocationConfiguration.Error);
            Libtorch.Load();
            var export = new ModelExport(
                ParseType(arguments.GetRequiredValue(type)), Path.GetFileNameWithoutExtension(path), arguments.GetValue(overwrite),
                arguments.GetValue(license));
            var bytes = export.Write(new Engine(Device.Cpu), source, path);
            arguments.InvocationConfiguration.Output.WriteLine($"{path}: {new Bytes(bytes)}, read back with the same logits");
            return ExitCodes.Done;
        });
        return command;
    }

    private static WeightType ParseType(string text) => text switch
    {
        "f32" => WeightType.F32,
        "f16" => WeightType.F16,
        "q8_0" => WeightType.Q8_0,
        _ => WeightType.BF16,
    };
}
