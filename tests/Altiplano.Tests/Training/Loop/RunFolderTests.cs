using Altiplano.Training.Loop;

namespace Altiplano.Tests.Training.Loop;

public sealed class RunFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Checkpoint_Step_HasEightDigits() =>
        new RunFolder("out/first").Checkpoint(1000).ShouldBe("out/first/checkpoints/step-00001000");

    [Fact]
    public void Name_FolderWithSlash_IsItsLastPart() => new RunFolder("out/first/").Name.ShouldBe("first");

    [Fact]
    public void Load_OfSave_IsTheSameEnvironment()
    {
        var environment = RunEnvironment.Capture("/opt/libtorch.so", "2.10.0", threads: 2, new FixedTime());

        environment.Save(_folder["env.json"]);

        RunEnvironment.Load(_folder["env.json"]).Rows().ShouldBe(environment.Rows());
        environment.Rows().ShouldContain(("time", "2026-03-04T05:06:07Z"));
        environment.Rows().ShouldContain(("libtorch_version", "2.10.0"));
        environment.Cores.ShouldBe(Environment.ProcessorCount);
    }

    [Fact]
    public void Load_FileOfAnotherKind_NamesThePath() =>
        Should.Throw<IOException>(() => RunEnvironment.Load(_folder.Write("env.json", "{\"cores\": 2}"))).Message
            .ShouldStartWith($"{_folder["env.json"]}: the file is not an environment as train saves it.");
}
