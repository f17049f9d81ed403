namespace Altiplano.Planning;

/// <summary>A value that a run file gives, or leaves to us by writing <c>auto</c>; the default is auto.</summary>
public readonly record struct OrAuto<T>(T? Given)
    where T : struct
{
    public bool IsAuto => Given is null;

    public static implicit operator OrAuto<T>(T value) => new(value);

    /// <summary>The given value, or <paramref name="chosen"/> where the choice was left to us.</summary>
    public T Or(T chosen) => Given ?? chosen;

    public override string ToString() => Given?.ToString() ?? "auto";
}
