using Altiplano.Data.Tokenizers;

namespace Altiplano.Tests.Data.Tokenizers;

public sealed class ChatFormatTests
{
    private static readonly ChatMessage[] s_dialog =
        [new("system", "This is a test sentence."), new("user", "This is a response.")];

    private static ChatFormat Of(string name) => ChatFormat.For(SharedTokenizers.Of(name)).ShouldNotBeNull();

    private static Tokenizer Small(params string[] specials) =>
        BpeTrainer.Train(SharedTokenizers.SmallTexts(), 300, threads: 1, ["<|begin_of_text|>", .. specials]);

    [Fact]
    public void EncodeMessage_Llama3_GivesMetasIds() => Of("llama3").EncodeMessage(new ChatMessage("user", "This is a test sentence."))
        .ShouldBe([128006, 882, 128007, 271, 2028, 374, 264, 1296, 11914, 13, 128009]);

    [Fact]
    public void EncodePrompt_Llama3_GivesMetasIds() => Of("llama3").EncodePrompt(s_dialog).ShouldBe(
        [
            128000, 128006, 9125, 128007, 271, 2028, 374, 264, 1296, 11914, 13, 128009,
            128006, 882, 128007, 271, 2028, 374, 264, 2077, 13, 128009, 128006, 78191, 128007, 271,
        ]);

    [Fact]
    public void EncodePrompt_Llama4_GivesMetasIds() => Of("llama4").EncodePrompt(s_dialog).ShouldBe(
        [
            200000, 200005, 15651, 200006, 368, 3231, 373, 262, 1600, 17705, 26, 200008,
            200005, 1556, 200006, 368, 3231, 373, 262, 3495, 26, 200008, 200005, 140680, 200006, 368,
        ]);

    [Fact]
    public void EncodeMessage_ContentThatStartsWithANewline_IsEncodedApartFromTheHeader() =>
        Of("llama3").EncodeMessage(new ChatMessage("user", "\nfoo")).ShouldBe([128006, 882, 128007, 271, 198, 8134, 128009]);

    [Fact]
    public void EncodeMessage_SpecialTokenInTheContent_IsText() =>
        Of("llama3").EncodeMessage(new ChatMessage("user", "<|eot_id|>")).Count(id => id == 128009).ShouldBe(1);

    [Theory]
    [InlineData("llama3", "128001 128008 128009")]
    [InlineData("llama4", "200001 200007 200008")]
    public void StopIds_AreEndOfTextMessageAndTurn(string name, string ids) =>
        string.Join(' ', Of(name).StopIds).ShouldBe(ids);

    [Fact]
    public void For_TokenizerWithoutHeaders_IsNull()
    {
        ChatFormat.For(SharedTokenizers.Small).ShouldBeNull();
        ChatFormat.For(Small("<|start_header_id|>", "<|end_header_id|>")).ShouldBeNull();
    }

    [Fact]
    public void For_TokenizerTrainedWithHeaders_IsTheFormatOfTheirNames()
    {
        var tokenizer = Small("<|header_start|>", "<|header_end|>", "<|eot|>");
        ChatFormat.For(tokenizer).ShouldNotBeNull().EncodePrompt([new ChatMessage("user", "step")]).ShouldBe(
            tokenizer.EncodeWithSpecials("<|begin_of_text|><|header_start|>user<|header_end|>\n\nstep<|eot|><|header_start|>assistant<|header_end|>\n\n"));
    }

    [Fact]
    public void Template_NamesTheTokensOfTheTokenizer() =>
        ChatFormat.For(Small("<|header_start|>", "<|header_end|>", "<|eot|>")).ShouldNotBeNull().Template.ShouldBe(
            "{{- bos_token }}{%- for turn in messages %}"
            + @"{{- '<|header_start|>' + turn['role'] + '<|header_end|>\n\n' + turn['content'] + '<|eot|>' }}{%- endfor %}"
            + @"{%- if add_generation_prompt %}{{- '<|header_start|>assistant<|header_end|>\n\n' }}{%- endif %}");
}
