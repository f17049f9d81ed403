using System.Security.Cryptography;
using System.Text;
using Altiplano.Data.Sampling;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>Initial weights as a function of (seed, parameter name, element index): the same on every layout, without communication.</summary>
/// <remarks>
/// Normal, fan-in^-½ wide, so that every product keeps the size of what goes in (0.022 at 2,048, where 0.02 is customary); projections that
/// write to the residual stream, and up, shrink with depth by √(2 (layer + 1)), and an embedding that is not also the head is 1 wide,
/// so that what a token is stands out in the residual stream: torchtitan's conventions. Norms are 1. Meta's own are not published.
/// </remarks>
public static class ParameterInitialization
{
    private const int PieceElements = 1 << 20;

    public static void Initialize(ParameterStore parameters, long seed)
    {
        foreach (var group in parameters.Groups)
        {
            foreach (var slice in group.Slices)
                Fill(parameters, group, slice, seed);
            group.RefreshWeights();
        }
    }

    /// <summary>Standard deviation of a parameter's initial values; 0 where they are all 1. Of gate and up in one, that of gate.</summary>
    public static double Deviation(ParameterSpec spec, bool isTied) => spec.Role switch
    {
        ParameterRole.Norm => 0,
        ParameterRole.Embedding when !isTied => 1,
        ParameterRole.DepthScaledProjection or ParameterRole.ExpertDown => 1 / Math.Sqrt(DepthFactor(spec) * spec.Shape[1]),
        _ => 1 / Math.Sqrt(spec.Shape[1]),
    };

    private static double DepthFactor(ParameterSpec spec) => 2.0 * (spec.Layer!.Value + 1);

    private static void Fill(ParameterStore parameters, ParameterGroup group, ParameterSlice slice, long seed)
    {
        var key = KeyOf(seed, slice.Parameter.Name);
        var deviation = Deviation(slice.Parameter, parameters.Architecture.TieWordEmbeddings);
        foreach (var piece in group.Pieces(slice, PieceElements))
        {
            var values = new double[piece.Count];
            foreach (var run in slice.Runs(piece.InSlice, piece.Count))
                FillRun(values.AsSpan((int)(run.InSlice - piece.InSlice), (int)run.Count), run.InWhole, key, deviation);
            if (slice.Parameter.Role == ParameterRole.ExpertGateUp)
                ShrinkUp(values, slice, piece.InSlice);
            using var target = group.Master.Rows(piece.InPart, piece.Count);
            UploadRounded(parameters.Engine, target, values);
        }
    }

    private static void FillRun(Span<double> run, long start, (uint, uint) key, double deviation)
    {
        if (deviation == 0)
        {
            run.Fill(1);
            return;
        }

        // One block of Philox gives four uniforms, which Box and Muller turn into the normals of four elements from a multiple of four on.
        Span<double> normals = stackalloc double[4];
        for (var i = 0; i < run.Length; i++)
        {
            var place = (int)((start + i) % 4);
            if (place == 0 || i == 0)
                Normals(start + i, key, normals);
            run[i] = deviation * normals[place];
        }
    }

    /// <summary>Up, in the last half of the columns, shrinks with depth.</summary>
    private static void ShrinkUp(double[] values, ParameterSlice slice, long first)
    {
        var (width, factor) = (slice.Shape[^1], 1 / Math.Sqrt(DepthFactor(slice.Parameter)));
        for (var i = 0; i < values.Length; i++)
            values[i] *= (first + i) % width * 2 < width ? 1 : factor;
    }

    private static void Normals(long element, (uint, uint) key, Span<double> normals)
    {
        var block = (ulong)element / 4;
        var (a, b, c, d) = Philox.Block(((uint)block, (uint)(block >> 32), 0, 0), key);
        (normals[0], normals[1]) = BoxMuller(a, b);
        (normals[2], normals[3]) = BoxMuller(c, d);
    }

    private static (double, double) BoxMuller(uint a, uint b)
    {
        var radius = Math.Sqrt(-2 * Math.Log((a + 0.5) / 4294967296.0));
        var (sin, cos) = Math.SinCos(2 * Math.PI * (b + 0.5) / 4294967296.0);
        return (radius * cos, radius * sin);
    }

    private static (uint, uint) KeyOf(long seed, string name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{name}"));
        return (BitConverter.ToUInt32(hash, 0), BitConverter.ToUInt32(hash, 4));
    }

    private static void UploadRounded(Engine engine, Tensor target, ReadOnlySpan<double> values)
    {
        if (target.Type == ScalarType.Float64)
        {
            engine.Upload(target, values);
            return;
        }

        using var exact = engine.Upload(ScalarType.Float64, values, values.Length);
        engine.Copy(target, exact);
    }
}
