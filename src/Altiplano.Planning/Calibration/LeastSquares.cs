namespace Altiplano.Planning.Calibration;

/// <summary>Levenberg-Marquardt with differences for derivatives: small problems, a few dozen unknowns.</summary>
/// <remarks>Marquardt 1963: normal equations damped by their own diagonal; the damping falls while steps help and grows where not.</remarks>
public static class LeastSquares
{
    private const double Difference = 1e-4;

    /// <param name="residuals">Fills its second argument from its first.</param>
    /// <param name="start">Left as it is.</param>
    /// <returns>The point with the smallest sum of squares met.</returns>
    public static double[] Minimize(Action<double[], double[]> residuals, double[] start, int numResiduals, int maxSteps)
    {
        var point = (double[])start.Clone();
        var current = new double[numResiduals];
        residuals(point, current);
        var sum = SumOfSquares(current);
        var damping = 1e-2;
        for (var step = 0; step < maxSteps && damping < 1e8; step++)
        {
            var (normal, gradient) = NormalEquations(residuals, point, current);
            var candidate = Move(point, normal, gradient, damping);
            var values = new double[numResiduals];
            residuals(candidate, values);
            var candidateSum = SumOfSquares(values);
            if (!(candidateSum < sum))
            {
                damping *= 4;
                continue;
            }

            var gain = (sum - candidateSum) / sum;
            (point, current, sum) = (candidate, values, candidateSum);
            damping = Math.Max(1e-9, damping / 3);
            if (gain < 1e-5)
                break;
        }

        return point;
    }

    private static (double[,] Normal, double[] Gradient) NormalEquations(
        Action<double[], double[]> residuals, double[] point, double[] current)
    {
        var jacobian = new double[point.Length][];
        for (var i = 0; i < point.Length; i++)
        {
            var moved = (double[])point.Clone();
            moved[i] += Difference;
            var values = new double[current.Length];
            residuals(moved, values);
            for (var k = 0; k < values.Length; k++)
                values[k] = (values[k] - current[k]) / Difference;
            jacobian[i] = values;
        }

        var normal = new double[point.Length, point.Length];
        var gradient = new double[point.Length];
        for (var i = 0; i < point.Length; i++)
        {
            gradient[i] = Dot(jacobian[i], current);
            for (var j = 0; j <= i; j++)
                normal[i, j] = normal[j, i] = Dot(jacobian[i], jacobian[j]);
        }

        return (normal, gradient);
    }

    private static double[] Move(double[] point, double[,] normal, double[] gradient, double damping)
    {
        var damped = (double[,])normal.Clone();
        for (var i = 0; i < point.Length; i++)
            damped[i, i] += damping * Math.Max(normal[i, i], 1e-12);
        var delta = SolveCholesky(damped, gradient);
        var moved = new double[point.Length];
        for (var i = 0; i < point.Length; i++)
            moved[i] = point[i] - delta[i];
        return moved;
    }

    /// <summary>Solves a symmetric positive definite system; overwrites <paramref name="matrix"/>.</summary>
    private static double[] SolveCholesky(double[,] matrix, double[] right)
    {
        var size = right.Length;
        var solution = (double[])right.Clone();
        for (var j = 0; j < size; j++)
        {
            for (var k = 0; k < j; k++)
                matrix[j, j] -= matrix[j, k] * matrix[j, k];
            matrix[j, j] = Math.Sqrt(Math.Max(matrix[j, j], 1e-300));
            for (var i = j + 1; i < size; i++)
            {
                for (var k = 0; k < j; k++)
                    matrix[i, j] -= matrix[i, k] * matrix[j, k];
                matrix[i, j] /= matrix[j, j];
            }
        }

        for (var i = 0; i < size; i++)
        {
            for (var k = 0; k < i; k++)
                solution[i] -= matrix[i, k] * solution[k];
            solution[i] /= matrix[i, i];
        }

        for (var i = size - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < size; k++)
                solution[i] -= matrix[k, i] * solution[k];
            solution[i] /= matrix[i, i];
        }

        return solution;
    }

    private static double SumOfSquares(double[] values) => Dot(values, values);

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
