using Altiplano.Planning;
using Altiplano.Planning.Backtest;

namespace Altiplano.Tests.Planning.Backtest;

public sealed class CaseFileTests
{
    [Fact]
    public void Parse_CompleteCase_HasEveryValue()
    {
        var run = Cases.With(("fsdp_shard_group", 8), ("recompute_layers", 3), ("recommended", true), ("model.moe_ffn", 2048));

        run.Id.ShouldBe("x");
        run.Gpus.ShouldBe(32);
        run.Model.Layers.ShouldBe(32);
        run.Model.MoeFfn.ShouldBe(2048);
        run.Model.Experts.ShouldBeNull();
        run.FsdpShardGroup.ShouldBe(8);
        run.RecomputeLayers.ShouldBe(3);
        run.IsRecommended.ShouldBeTrue();
        run.Measured.ShouldBe(new PublishedMeasurement { StepSeconds = 2.5, MemoryGib = 40 });
        run.UnknownKeys.ShouldBeEmpty();
        run.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void Parse_UnknownKeys_AreListed() =>
        Cases.With(("tp_overlap", true), ("model.colour", "red")).UnknownKeys.ShouldBe(["model.colour", "tp_overlap"], ignoreOrder: true);

    [Theory]
    [InlineData("[{\"id\": \"a\"}, {\"id\": \"b\"}]")]
    [InlineData("{\"cases\": [{\"id\": \"a\"}, {\"id\": \"b\"}]}")]
    [InlineData("{\"id\": \"a\"}\n{\"id\": \"b\"}\n")]
    [InlineData("\n{\"id\": \"a\"}\r\n\r\n{\"id\": \"b\"}")]
    [InlineData("\uFEFF[\n{\"id\": \"a\"},\n{\"id\": \"b\"}\n]")]
    public void Parse_EveryForm_HasTheCasesInOrder(string json) => Cases.Read(json).Select(r => r.Id).ShouldBe(["a", "b"]);

    [Fact]
    public void Parse_OneCaseOverManyLines_IsOne() => Cases.Read("{\n\"id\": \"a\"\n}").ShouldHaveSingleItem().Id.ShouldBe("a");

    [Fact]
    public void Parse_CaseWithoutId_IsNamedByItsPlace() => Cases.Read("[{}, {\"id\": null}]").Select(r => r.Id).ShouldBe(["#1", "#2"]);

    [Theory]
    [InlineData("[{\"gpus\": \"8\"}]", "gpus is \"8\". It must be a whole number, at least 1 of GPUs.")]
    [InlineData("[{\"gpus\": 8.5}]", "gpus is 8.5. It must be a whole number, at least 1 of GPUs.")]
    [InlineData("[{\"tp\": 0}]", "tp is 0. It must be a whole number, at least 1 of ranks.")]
    [InlineData("[{\"seq\": 1e300}]", "seq is 1e300. It must be a whole number, at least 1 of tokens.")]
    [InlineData("[{\"precision\": 16}]", "precision is 16. It must be text.")]
    [InlineData("[{\"sequence_parallel\": \"yes\"}]", "sequence_parallel is \"yes\". It must be true or false.")]
    [InlineData("[{\"model\": \"Llama\"}]", "model is \"Llama\". It must be an object of keys.")]
    [InlineData("[5]", "The case is 5. A case is an object of keys.")]
    public void Parse_ValueOfAnotherKind_IsAProblemOfItsCase(string json, string problem) =>
        Cases.Read(json).ShouldHaveSingleItem().Problems.ShouldHaveSingleItem().ShouldBe(problem);

    /// <summary>What is only for readers or only compared is no reason to refuse.</summary>
    [Fact]
    public void Parse_OddRemarksAndMeasurements_AreNoProblem() =>
        Cases.Read("[{\"note\": 5, \"year\": \"2024\", \"measured\": {\"step_s\": -1}}]")[0].Problems.ShouldBeEmpty();

    [Theory]
    [InlineData("[{\"id\": }]", "cases.json, line 1, column 9: not JSON. \"}\" cannot stand there.")]
    [InlineData("[\n{\"id\": 1},\n{\"id\" 2}\n]", "cases.json, line 3, column 7: not JSON. \"2\" cannot stand there.")]
    [InlineData("{\"id\": 1}\n{\"id\" 2}", "cases.json, line 2, column 7: not JSON. \"2\" cannot stand there.")]
    [InlineData("[{\"id\": \"ä\" 5}]", "cases.json, line 1, column 13: not JSON. \"5\" cannot stand there.")]
    [InlineData("[{\"id\": 1}", "cases.json, line 1, column 11: not JSON. The text ends before the JSON does.")]
    [InlineData("", "cases.json is empty, but JSON is needed.")]
    [InlineData(" \n", "cases.json is empty, but JSON is needed.")]
    public void Parse_NotJson_NamesThePlace(string json, string problem) =>
        Should.Throw<ConfigException>(() => Cases.Read(json)).Message.ShouldBe(problem);

    [Fact]
    public void Parse_NeitherArrayNorObject_SaysWhatIsNeeded() =>
        Should.Throw<ConfigException>(() => Cases.Read("5")).Message.ShouldBe("cases.json is a JSON number. A file of cases is an array of objects.");

    [Fact]
    public void Parse_BytesThatAreNotUtf8_SaysSo() =>
        Should.Throw<ConfigException>(() => CaseFile.Parse(new byte[] { (byte)'[', (byte)'"', 0xFF, (byte)'"', (byte)']' }, "f"))
            .Message.ShouldBe("f is not UTF-8. Save the file as UTF-8.");

    [Fact]
    public void Parse_HalfASurrogatePair_NamesTheCase() =>
        Should.Throw<ConfigException>(() => Cases.Read("[{}, {\"id\": \"\\ud800\"}]"))
            .Message.ShouldBe("cases.json, case 2: a text has half of a surrogate pair (\\uD800 to \\uDFFF). Write both halves.");

    [Fact]
    public void All_Keys_AreNamedOnce() => CaseKeys.All.Select(k => k.Path).ShouldBeUnique();
}
