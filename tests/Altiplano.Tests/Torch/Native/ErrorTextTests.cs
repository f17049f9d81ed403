using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Tests.Torch.Native;

public sealed class ErrorTextTests
{
    [Fact]
    public void LibraryException_CallThatLibtorchRefuses_CarriesItsText()
    {
        Libtorch.Load();
        var engine = new Engine(Device.Cpu);
        using var bits = engine.Zeros(ScalarType.Bool, 2, 2);

        Should.Throw<LibraryException>(() => engine.Empty(ScalarType.Float32, -3)).Message
            .ShouldStartWith("libtorch: Trying to create tensor with negative dimension -3");
        var second = Should.Throw<LibraryException>(() => engine.MatMul(bits, bits, bits)).Message;
        second.ShouldContain("not implemented for 'Bool'");
        second.ShouldNotContain("Exception raised from");
        second.ShouldNotContain("negative dimension");
    }
}
