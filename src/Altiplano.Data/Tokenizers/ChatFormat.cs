namespace Altiplano.Data.Tokenizers;

/// <summary>The dialog format of Llama 3 and Llama 4, which differ in the names of three special tokens.</summary>
/// <remarks>Role, blank line and content are encoded apart, as Meta's code does: special tokens in them are text, a content that starts
/// with a newline does not fuse with the header's, and nothing is trimmed.</remarks>
public sealed class ChatFormat
{
    private readonly Tokenizer _tokenizer;
    private readonly Names _names;

    private ChatFormat(Tokenizer tokenizer, Names names)
    {
        _tokenizer = tokenizer;
        _names = names;
    }

    /// <summary>Ids that end an answer.</summary>
    public IReadOnlyList<int> StopIds => _tokenizer.StopIds;

    /// <summary>The format as a Jinja chat_template for tokenizer_config.json.</summary>
    public string Template =>
        "{{- bos_token }}"
        + "{%- for turn in messages %}"
        + $"{{{{- '{_names.HeaderStart}' + turn['role'] + '{_names.HeaderEnd}\\n\\n' + turn['content'] + '{_names.EndOfTurn}' }}}}"
        + "{%- endfor %}"
        + "{%- if add_generation_prompt %}"
        + $"{{{{- '{_names.HeaderStart}assistant{_names.HeaderEnd}\\n\\n' }}}}"
        + "{%- endif %}";

    /// <summary>The format that the tokenizer's special tokens make possible; null when it has none of these.</summary>
    public static ChatFormat? For(Tokenizer tokenizer)
    {
        foreach (var names in (Names[])[Names.Llama3, Names.Llama4])
        {
            if (tokenizer.BosId is not null && names.All.All(tokenizer.Specials.ContainsKey))
                return new ChatFormat(tokenizer, names);
        }
        return null;
    }

    /// <summary>
    /// Ids that the model continues with the assistant's answer: begin of text, all messages, an assistant's header.
    /// </summary>
    public List<int> EncodePrompt(IEnumerable<ChatMessage> dialog)
    {
        List<int> ids = [_tokenizer.BosId!.Value];
        foreach (var message in dialog)
            ids.AddRange(EncodeMessage(message));
        AddHeader("assistant", ids);
        return ids;
    }

    /// <summary>
    /// Ids that go behind an answer of the assistant's: its end of turn, the next message, an assistant's header.
    /// </summary>
    public List<int> EncodeNextTurn(ChatMessage message)
    {
        List<int> ids = [_tokenizer.Specials[_names.EndOfTurn], .. EncodeMessage(message)];
        AddHeader("assistant", ids);
        return ids;
    }

    /// <summary>Ids of one message: header, content, end of turn.</summary>
    public List<int> EncodeMessage(ChatMessage message)
    {
        var ids = new List<int>();
        AddHeader(message.Role, ids);
        _tokenizer.Encode(message.Content, ids);
        ids.Add(_tokenizer.Specials[_names.EndOfTurn]);
        return ids;
    }

    private void AddHeader(string role, List<int> ids)
    {
        ids.Add(_tokenizer.Specials[_names.HeaderStart]);
        _tokenizer.Encode(role, ids);
        ids.Add(_tokenizer.Specials[_names.HeaderEnd]);
        _tokenizer.Encode("\n\n", ids);
    }

    private sealed record Names(string HeaderStart, string HeaderEnd, string EndOfTurn)
    {
        public static readonly Names Llama3 = new("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>");
        public static readonly Names Llama4 = new("<|header_start|>", "<|header_end|>", "<|eot|>");

        public IEnumerable<string> All => [HeaderStart, HeaderEnd, EndOfTurn];
    }
}
