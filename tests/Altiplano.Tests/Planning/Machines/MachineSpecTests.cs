using Altiplano.Planning;
using Altiplano.Planning.Machines;

namespace Altiplano.Tests.Planning.Machines;

public sealed class MachineSpecTests
{
    [Fact]
    public void Find_RanksThatWereMeasured_GivesTheirCosts() =>
        TestMachines.Machine.Find(2, 1, Precision.Fp32).ShouldBeSameAs(TestMachines.Two);

    [Fact]
    public void Find_RanksThatWereNot_SaysWhatWasAndHowToMeasure() =>
        Should.Throw<ConfigException>(() => TestMachines.Machine.Find(4, 1, Precision.Fp32)).Message.ShouldBe(
            "desk was calibrated for 1 rank of 2 threads in fp32; 2 ranks of 1 thread over mpi in fp32, but the run is 4 ranks of 1 thread in fp32. " +
            "Measure it too: mpirun --bind-to none -n 4 altiplano calibrate --mpi --threads 1 --precision fp32 --out desk.yaml");

    [Fact]
    public void With_CostsOfAKindThatIsThere_ReplacesThem()
    {
        var again = TestMachines.One with { Spread = 0.5 };

        TestMachines.Machine.With(again).Ranks.ShouldBe([TestMachines.Two, again]);
    }

    [Fact]
    public void FindProblems_OfContradictions_NamesEach()
    {
        var machine = TestMachines.Machine with
        {
            Cores = 0,
            Ranks = [TestMachines.One with { Transport = RankCosts.Mpi }, TestMachines.Two with { Collectives = [] }, TestMachines.Two],
        };

        machine.FindProblems("").ShouldBe(
        [
            "cores is 0, but it must be above 0.",
            "ranks[0].transport is mpi, but one rank has nobody to reach. Use none.",
            "ranks[1].collectives is empty, but 2 ranks communicate. Calibrate again, with as many ranks.",
            "ranks[2] is 2 ranks of 1 thread over mpi in fp32, but ranks[1] is of the same kind. Remove one of them.",
        ]);
    }
}
