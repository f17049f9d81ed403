using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Tests.Training.Loop.Metrics;

public sealed class TensorBoardWriterTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Append_Steps_AreReadByAnIndependentReader()
    {
        using (var writer = TensorBoardWriter.Create(_folder.Root, 0, new FixedTime()))
        {
            writer.Append(SampleSteps.At(1));
            writer.Append(SampleSteps.ValidatedAt(300));
        }

        var events = EventFileReader.Read(Directory.GetFiles(_folder.Root).ShouldHaveSingleItem());

        events.Select(e => e.Step).ShouldBe([0, 1, 300]);
        events[0].FileVersion.ShouldBe("brain.Event:2");
        events[1].WallTime.ShouldBe(1772600767.25);
        events[1].Scalars["train/loss"].ShouldBe(3.14767f);
        events[1].Scalars.ShouldNotContainKey("val/loss");
        events[2].Scalars["val/bpb"].ShouldBe(1.20341f);
    }

    [Fact]
    public void Crc32C_OfTheReader_IsThePublishedCheckValue() => EventFileReader.Crc32C("123456789"u8).ShouldBe(0xe3069283u);

    [Fact]
    public void Create_OnResume_TellsTheReaderToForgetLaterSteps()
    {
        using (TensorBoardWriter.Create(_folder.Root, 50, new FixedTime()))
        {
        }

        var start = EventFileReader.Read(Directory.GetFiles(_folder.Root).ShouldHaveSingleItem())[1];

        start.IsSessionStart.ShouldBeTrue();
        start.Step.ShouldBe(51);
    }

    [Fact]
    public void Create_File_HasTheNameThatTensorBoardLooksFor()
    {
        using (TensorBoardWriter.Create(_folder["tb"], 0, new FixedTime()))
        {
        }

        Path.GetFileName(Directory.GetFiles(_folder["tb"]).ShouldHaveSingleItem()).ShouldStartWith("events.out.tfevents.1772600767.");
    }
}
