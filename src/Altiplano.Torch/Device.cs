namespace Altiplano.Torch;

/// <summary>Where an engine's tensors live; the values are libtorch's codes.</summary>
public enum Device
{
    Cpu = 0,

    /// <summary>No memory and no arithmetic: tensors are shapes, operators check and report, nothing else happens.</summary>
    Shape = 14,
}
