using Altiplano.Planning.Schedules;
using Altiplano.Torch;

namespace Altiplano.Training.Tracing;

/// <summary>An engine's observer that also hears which action of the pipeline's schedule its rank is at.</summary>
public interface IStepObserver : IOperatorObserver
{
    /// <summary>The action begins; waiting for its input belongs to it.</summary>
    void OnActionStart(in PipelineAction action);

    void OnActionEnd(in PipelineAction action);
}
