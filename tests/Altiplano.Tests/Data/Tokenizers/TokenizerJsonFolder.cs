using System.Text.Json.Nodes;
using Altiplano.Data.Tokenizers;

namespace Altiplano.Tests.Data.Tokenizers;

/// <summary>A folder with the tokenizer.json of the small tokenizer, for tests that change something in it.</summary>
internal sealed class TokenizerJsonFolder : IDisposable
{
    private readonly TempFolder _folder = new();

    public string Root => _folder.Root;

    public string File => this["tokenizer.json"];

    public string this[string name] => _folder[name];

    public void Dispose() => _folder.Dispose();

    public string Write(string name, string content) => _folder.Write(name, content);

    /// <summary>Writes the file and returns what is in it.</summary>
    public JsonObject Written()
    {
        HuggingFaceTokenizerJson.Write(SharedTokenizers.Small, File);
        return JsonNode.Parse(System.IO.File.ReadAllText(File))!.AsObject();
    }

    public Tokenizer LoadChanged(Action<JsonObject> change)
    {
        var json = Written();
        change(json);
        Write("tokenizer.json", json.ToJsonString());
        return Tokenizer.Load(Root);
    }

    public static JsonArray PreTokenizers(JsonObject json) => json["pre_tokenizer"]!["pretokenizers"]!.AsArray();
}
