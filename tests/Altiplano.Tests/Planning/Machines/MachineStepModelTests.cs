using Altiplano.Planning.Machines;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning.Machines;

public sealed class MachineStepModelTests
{
    [Fact]
    public void Predict_OneRank_SumsAffineTimesByPart()
    {
        var step = new MachineStepModel(TestMachines.One).Predict(TestMachines.Work);

        step.Time.Matrices.ShouldBe(10 * 100e-6 + 2 * 10e-3 + 1e-3, 1e-12);
        step.Time.Optimizer.ShouldBe(50e-3, 1e-12);
        step.Time.Launch.ShouldBe(0.001 + 12 * 1e-5, 1e-12);
        step.Time.Total.ShouldBe(step.Terms.Sum(term => term.Seconds), 1e-12);
    }

    [Fact]
    public void Predict_Memory_AddsProcessTensorsHolesAndStaging()
    {
        var step = new MachineStepModel(TestMachines.One).Predict(TestMachines.Work with { Staging = new Bytes(7 * Bytes.PerMib) });

        step.Memory.ShouldBe(new Bytes((100 + 50 + 2 * 10 + 7) * Bytes.PerMib));
    }

    [Fact]
    public void Predict_Collectives_CountAsFarAsTheStepIsExposedToThem()
    {
        var work = TestMachines.Work with { Collectives = [new("dp_shard", "all-gather", 4, 1e8), new("tp", "all-gather", 1, 1e7)] };

        var time = new MachineStepModel(TestMachines.Two).Predict(work).Time;

        time.DataParallel.ShouldBe(0.5 * (4 * 50e-6 + 20e-3), 1e-12);
        time.TensorParallel.ShouldBe(50e-6 + 2e-3, 1e-12);
    }

    /// <summary>Its 1e9 operations take longer at the peak than its bytes at the bandwidth.</summary>
    [Fact]
    public void Predict_OperatorThatWasNotMeasured_TakesPeakOrBandwidthAndSaysSo()
    {
        var work = TestMachines.Work with { Operators = [new OperatorWork("grouped_mm", 1, 1e9, 1e6)] };

        var term = new MachineStepModel(TestMachines.One).Predict(work).Terms[0];

        term.ShouldBe(new PredictedTerm(StepParts.Matrices, "grouped_mm", 0.01, 1, 1e9, 1e6, IsCalibrated: false));
    }

    [Fact]
    public void Predict_Pipeline_IdlesItsShareOfAllButTheOptimizer()
    {
        var time = new MachineStepModel(TestMachines.Two).Predict(TestMachines.Work with { Bubble = 0.25 }).Time;

        time.Bubble.ShouldBe(0.25 * (time.Matrices + time.Launch), 1e-12);
    }

    /// <summary>Ranks that are threads share one process.</summary>
    [Fact]
    public void Predict_RanksInOneProcess_AddTheirTensors()
    {
        var inProcess = TestMachines.Two with { Transport = RankCosts.InProcess };

        new MachineStepModel(inProcess).Predict(TestMachines.Work).Memory.ShouldBe(new Bytes((100 + 2 * (50 + 2 * 10)) * Bytes.PerMib));
    }
}
