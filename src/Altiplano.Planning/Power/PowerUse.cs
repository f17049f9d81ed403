namespace Altiplano.Planning.Power;

/// <summary>Watts of one GPU and of its share of all that stands around it.</summary>
public readonly record struct PowerUse
{
    public double Gpu { get; init; }

    /// <summary>Processors, memory, NVLink switches, NICs, drives and power supplies of the server.</summary>
    public double Host { get; init; }

    public double Fans { get; init; }

    /// <summary>Switches and optics between servers.</summary>
    public double Network { get; init; }

    public double Storage { get; init; }

    /// <summary>Management and login servers.</summary>
    public double Management { get; init; }

    /// <summary>Lost between the meter and the servers.</summary>
    public double Distribution { get; init; }

    /// <summary>Chillers, pumps and air handling.</summary>
    public double Cooling { get; init; }

    public double Server => Gpu + Host + Fans;

    public double It => Server + Network + Storage + Management;

    public double Facility => It + Distribution + Cooling;
}
