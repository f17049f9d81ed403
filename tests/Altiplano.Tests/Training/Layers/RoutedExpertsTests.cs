using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;

namespace Altiplano.Tests.Training.Layers;

/// <summary>Sparse dispatch against the form of Meta and Hugging Face: every expert on every token, with input 0 where it was not chosen.</summary>
public sealed class RoutedExpertsTests : IDisposable
{
    private const int Rows = 23;
    private const int Width = 16;
    private const int Layer = 1;
    private const double Tolerance = 1e-10;

    private readonly TinyLlama _tiny = TinyLlama4.New();

    [Fact]
    public void Forward_Dispatch_IsTheDenseForm()
    {
        var (x, dy) = (Values(0.37), Values(0.91));
        var (y, dx) = Dispatch(x, dy);
        var dense = new DenseExperts(_tiny, Layer);

        var (denseY, denseDx) = dense.Run(x, dy);

        Difference(y, denseY).ShouldBeLessThan(Tolerance);
        Difference(dx, denseDx).ShouldBeLessThan(Tolerance);
        foreach (var (name, gradient) in dense.Gradients)
            Difference(_tiny.Gradient(name), gradient).ShouldBeLessThan(Tolerance, name);
        dense.NumVisited.ShouldBeGreaterThan(2);
    }

    public void Dispose() => _tiny.Dispose();

    private (double[] Y, double[] DX) Dispatch(double[] x, double[] dy)
    {
        var engine = _tiny.Engine;
        var experts = new RoutedExperts(_tiny.Parameters, Layer, RoutingAssumption.Balanced);
        using var x_RD = engine.Upload<double>(ScalarType.Float64, x, Rows, Width);
        using var dy_RD = engine.Upload<double>(ScalarType.Float64, dy, Rows, Width);
        using var y_RD = engine.Zeros(ScalarType.Float64, Rows, Width);
        using var dx_RD = engine.Zeros(ScalarType.Float64, Rows, Width);
        using var saved = experts.Forward(y_RD, x_RD, keepActivation: true, route: null);
        using var gradients = experts.BackwardInput(saved, dy_RD, x_RD, dx_RD);
        experts.BackwardWeight(saved, gradients, x_RD);
        return (HostValues.Read(engine, y_RD), HostValues.Read(engine, dx_RD));
    }

    private static double[] Values(double frequency) => [.. Enumerable.Range(0, Rows * Width).Select(i => 1.5 * Math.Sin(frequency * i + 0.2))];

    private static double Difference(double[] a, double[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
}

/// <summary>The mixture in plain loops, without any operator of ours.</summary>
internal sealed class DenseExperts
{
    private readonly (int Experts, int Width, int Inner) _size;
    private readonly double[] _router;
    private readonly double[] _gateUp;
    private readonly double[] _down;
    private readonly Dictionary<string, double[]> _gradients;
    private readonly string[] _names;

    public DenseExperts(TinyLlama tiny, int layer)
    {
        var mixture = tiny.Model.Mixture!;
        _size = (mixture.NumExperts, tiny.Model.HiddenSize, mixture.ExpertIntermediateSize);
        _names =
        [
            ParameterTable.LayerName(layer, "feed_forward.router"), ParameterTable.ExpertName(layer, "gate_up_proj"),
            ParameterTable.ExpertName(layer, "down_proj"),
        ];
        (_router, _gateUp, _down) = (tiny.Master(_names[0]), tiny.Master(_names[1]), tiny.Master(_names[2]));
        _gradients = _names.ToDictionary(name => name, name => new double[tiny.Master(name).Length]);
    }

    public IReadOnlyDictionary<string, double[]> Gradients => _gradients;

    public int NumVisited { get; private set; }

    public (double[] Y, double[] DX) Run(double[] x, double[] dy)
    {
        var (y, dx, visited) = (new double[x.Length], new double[x.Length], new HashSet<int>());
        for (var row = 0; row < x.Length; row += _size.Width)
        {
            var (input, gradient) = (x[row..(row + _size.Width)], dy[row..(row + _size.Width)]);
            double[] logits = [.. Enumerable.Range(0, _size.Experts).Select(e => input.Select((value, d) => value * _router[e * _size.Width + d]).Sum())];
            var chosen = Array.IndexOf(logits, logits.Max());
            visited.Add(chosen);
            for (var expert = 0; expert < _size.Experts; expert++)
                AddExpert(expert, expert == chosen ? 1 / (1 + Math.Exp(-logits[expert])) : 0, input, gradient, y.AsSpan(row), dx.AsSpan(row));
        }

        NumVisited = visited.Count;
        return (y, dx);
    }

    private void AddExpert(int expert, double score, double[] x, double[] dy, Span<double> y, Span<double> dx)
    {
        var (_, width, inner) = _size;
        double[] scaled = [.. x.Select(value => score * value)];
        var (gate, up, dIn) = (new double[inner], new double[inner], new double[width]);
        for (var f = 0; f < inner; f++)
        {
            for (var d = 0; d < width; d++)
            {
                gate[f] += scaled[d] * _gateUp[(expert * width + d) * 2 * inner + f];
                up[f] += scaled[d] * _gateUp[(expert * width + d) * 2 * inner + inner + f];
            }
        }

        for (var f = 0; f < inner; f++)
        {
            var sigmoid = 1 / (1 + Math.Exp(-gate[f]));
            var (silu, dActivation) = (gate[f] * sigmoid, 0.0);
            for (var d = 0; d < width; d++)
            {
                var place = (expert * inner + f) * width + d;
                y[d] += silu * up[f] * _down[place];
                dActivation += dy[d] * _down[place];
                _gradients[_names[2]][place] += silu * up[f] * dy[d];
            }

            var (dGate, dUp) = (dActivation * up[f] * (sigmoid + silu * (1 - sigmoid)), dActivation * silu);
            for (var d = 0; d < width; d++)
            {
                var place = (expert * width + d) * 2 * inner + f;
                dIn[d] += dGate * _gateUp[place] + dUp * _gateUp[place + inner];
                _gradients[_names[1]][place] += scaled[d] * dGate;
                _gradients[_names[1]][place + inner] += scaled[d] * dUp;
            }
        }

        var dLogit = score * (1 - score) * dIn.Zip(x, (a, b) => a * b).Sum();
        for (var d = 0; d < width; d++)
        {
            dx[d] += score * dIn[d] + dLogit * _router[expert * width + d];
            _gradients[_names[0]][expert * width + d] += dLogit * x[d];
        }
    }
}
