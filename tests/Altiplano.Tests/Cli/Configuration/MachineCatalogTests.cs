using Altiplano.Cli.Configuration;
using Altiplano.Planning;
using Altiplano.Planning.Machines;
using Altiplano.Planning.Units;
using Altiplano.Tests.Planning.Machines;

namespace Altiplano.Tests.Cli.Configuration;

public sealed class MachineCatalogTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static MachineCatalog Catalog => new(PresetFolder.Shipped());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_Machine_ReadsBackTheSame()
    {
        var costs = TestMachines.Two with
        {
            CpuPower = new Watts(180),
            ForeignLoad = 0.02,
            Products = [new ProductRate("forward", 1024, 384, 128, new FlopsPerSecond(5.4e11))],
        };
        var machine = TestMachines.Machine with { Ranks = [TestMachines.One, costs] };
        Catalog.Write(machine, _folder["desk.yaml"]);

        var read = Catalog.Read(_folder["desk.yaml"]);

        Catalog.Write(read, _folder["again.yaml"]);
        File.ReadAllText(_folder["again.yaml"]).ShouldBe(File.ReadAllText(_folder["desk.yaml"]));
        (read.Name, read.Cpu, read.Cores, read.Memory).ShouldBe((machine.Name, machine.Cpu, machine.Cores, machine.Memory));
        read.Ranks[1].Products.ShouldBe(costs.Products);
        read.Ranks[1].Operators.ShouldBe(costs.Operators);
        read.Ranks[1].Exposures.ShouldBe(costs.Exposures);
        (read.Ranks[1].CpuPower, read.Ranks[1].PerStep, read.Ranks[1].Holes).ShouldBe((costs.CpuPower, costs.PerStep, costs.Holes));
    }

    [Fact]
    public void Read_UnknownKeysAndSlips_ListsThemAll()
    {
        Catalog.Write(TestMachines.Machine, _folder["desk.yaml"]);
        var yaml = File.ReadAllText(_folder["desk.yaml"]).Replace("cores: 2", "coers: 2").Replace("us_per_call: 100", "us_per_call: -1")
            .Replace("transport: mpi", "transport: tcp");
        var file = _folder.Write("bad.yaml", yaml);

        var problems = Should.Throw<ConfigException>(() => Catalog.Read(file)).Problems;

        problems.ShouldContain(p => p.Contains("coers is not a key. Did you mean cores?", StringComparison.Ordinal));
        problems.ShouldContain(p => p.Contains("ranks[0].operators[0].us_per_call is \"-1\", but it must be a number, 0 or more.", StringComparison.Ordinal));
        problems.ShouldContain(p => p.Contains("ranks[1].transport is \"tcp\", but it must be one of none, in_process, mpi.", StringComparison.Ordinal));
        problems.ShouldContain(p => p.Contains("cores is missing. It is required.", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_Cluster_SaysThatItIsNoMachine()
    {
        var file = _folder.Write("cluster.yaml", "preset: h100-8\n");

        Should.Throw<ConfigException>(() => Catalog.Read(file)).Message.ShouldBe(
            $"--cluster is {file}, which describes no calibrated machine: it has no ranks. Give a file that altiplano calibrate wrote.");
    }

    /// <summary>The run file keeps the machine as it keeps a cluster: whole, so that the run folder needs no other file.</summary>
    [Fact]
    public void RunFile_ClusterThatIsAMachine_KeepsItWhole()
    {
        Catalog.Write(TestMachines.Machine, _folder["desk.yaml"]);
        var run = new RunFile(PresetFolder.Shipped());
        var file = _folder.Write("run.yaml", "model: tiny-15m\ncluster: desk.yaml\nbatch: {global_batch_tokens: 1024, seq_len: 256}\n");

        var config = run.ReadPlanned(file, []);
        var again = run.ReadPlanned(_folder.Write("again.yaml", run.Write(config)), []);

        config.Spec.Cluster.ShouldBeNull();
        again.Spec.Machine!.Ranks.Select(r => r.Describe()).ShouldBe(TestMachines.Machine.Ranks.Select(r => r.Describe()));
    }
}
