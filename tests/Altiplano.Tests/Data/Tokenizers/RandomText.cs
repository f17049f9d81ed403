using System.Text;

namespace Altiplano.Tests.Data.Tokenizers;

/// <summary>Seeded Unicode text of all planes: words, marks, digits, kinds of white space, apostrophes, long runs.</summary>
internal static class RandomText
{
    /// <summary>First and last code points of scripts and symbols, all of them older than Unicode 14.</summary>
    private static readonly (int First, int Last)[] s_ranges =
    [
        (0x20, 0x7E), (0x00, 0x1F), (0x80, 0xFF), (0x100, 0x24F), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x4FF), (0x5D0, 0x5EA),
        (0x620, 0x66F), (0x900, 0x97F), (0xE01, 0xE3A), (0x1100, 0x11FF), (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x20D0, 0x20F0),
        (0x2150, 0x218B), (0x2460, 0x24FF), (0x3040, 0x30FF), (0x4E00, 0x9FEF), (0xAC00, 0xD7A3), (0xE000, 0xE0FF), (0xFE00, 0xFE0F),
        (0xFEFF, 0xFEFF), (0xFF00, 0xFFEE), (0xFFFD, 0xFFFD), (0x10400, 0x1044F), (0x104A0, 0x104A9), (0x12000, 0x12399),
        (0x1D400, 0x1D7FF), (0x1E900, 0x1E94B), (0x1F300, 0x1F64F), (0x1F3FB, 0x1F3FF), (0x20000, 0x2A6D6), (0x30000, 0x3134A),
        (0xE0020, 0xE007F), (0xE0100, 0xE01EF), (0xF0000, 0xF00FF), (0x100000, 0x1000FF), (0x16B50, 0x16B59), (0x11100, 0x11134),
    ];

    private static readonly string[] s_spaces =
        [
            " ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\n\n", " \n ", "\u000B", "\u000C", "\u0085", "\u00A0",
            "\u1680", "\u2003", "\u2028", "\u2029", "\u202F", "\u3000", "\u200B", "\u180E", "\u001C",
        ];

    private static readonly string[] s_words =
    [
        "'s", "'S", "'ll", "'LL", "'Ve", "'re", "'d", "'", "''", "don't", "WE'RE", "hello", "World", "HTTPServer", "camelCase", "snake_case",
        "1234567", "12", "3.14", "//", "a/b", "!?", "...", "--", "\u0301", "é", "Ǆǅǆ", "ʰ", "²³", "Ⅷ", "日本語", "𠀀𠀁", "𝐀𝐛", "👩‍👩‍👧", "<|x|>",
    ];

    public static List<string> Many(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => One(random))];
    }

    private static string One(Random random)
    {
        var text = new StringBuilder();
        for (var parts = random.Next(1, 60); parts > 0; parts--)
        {
            var repeat = random.Next(20) == 0 ? random.Next(2, 60) : 1;
            var part = Part(random);
            for (; repeat > 0; repeat--)
                text.Append(part);
        }
        return text.ToString();
    }

    private static string Part(Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                return s_spaces[random.Next(s_spaces.Length)];
            case 1:
                return s_words[random.Next(s_words.Length)];
            default:
                var (first, last) = s_ranges[random.Next(s_ranges.Length)];
                return string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => new Rune(random.Next(first, last + 1)).ToString()));
        }
    }
}
