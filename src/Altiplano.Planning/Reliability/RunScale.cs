namespace Altiplano.Planning.Reliability;

/// <summary>How large the target of failures is, and how much one step is.</summary>
/// <param name="Servers">Servers that train; spares come on top.</param>
/// <param name="GpusPerServer">GPUs of each.</param>
/// <param name="Replicas">Data-parallel replicas, of which one may be dropped.</param>
/// <param name="StepSeconds">Seconds of one optimizer step with every replica at full speed.</param>
public readonly record struct RunScale(int Servers, int GpusPerServer, int Replicas, double StepSeconds)
{
    public long Gpus => (long)Servers * GpusPerServer;
}
