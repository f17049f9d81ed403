namespace Altiplano.Training.Loop.Report;

/// <summary>A bitmap of braille letters, each two dots wide and four high; dot (0, 0) is at the top left.</summary>
internal sealed class BrailleCanvas(int columns, int rows)
{
    private const char Blank = '\u2800';

    /// <summary>Bits of a letter by dot row and column; the order is Unicode's.</summary>
    private static readonly byte[,] Bits = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

    private readonly byte[,] _cells = new byte[rows, columns];

    public int Width => columns * 2;
    public int Height => rows * 4;

    public void Dot(int x, int y) => _cells[y / 4, x / 2] |= Bits[y % 4, x % 2];

    /// <summary>A straight line, both ends included.</summary>
    public void Line(int x0, int y0, int x1, int y1)
    {
        var length = Math.Max(1, Math.Max(Math.Abs(x1 - x0), Math.Abs(y1 - y0)));
        for (var i = 0; i <= length; i++)
            Dot(x0 + (int)Math.Round((double)i * (x1 - x0) / length), y0 + (int)Math.Round((double)i * (y1 - y0) / length));
    }

    /// <summary>The letter of a cell; a space where it has no dots.</summary>
    public char this[int row, int column] => _cells[row, column] == 0 ? ' ' : (char)(Blank + _cells[row, column]);
}
