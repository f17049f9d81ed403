using System.Text.Json;
using Altiplano.Data.Tokenizers;
using Altiplano.Planning;
using Altiplano.Torch;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop.Display;
using Altiplano.Training.Loop.Metrics;
using Altiplano.Training.Measuring;

namespace Altiplano.Training.Loop;

/// <summary>One process's part of a run: prepares the folder, resumes or starts, trains, and says how it ended.</summary>
/// <param name="config">The run, with every choice made.</param>
/// <param name="configText">The same as the YAML that is kept beside the run.</param>
/// <param name="trace">Steps to trace; null for none.</param>
public sealed class TrainingRun(RunConfig config, string configText, ProgressConsole console, TimeProvider time, TraceRequest? trace = null)
{
    private readonly RunFolder _folder = new(config.Run.Out);

    /// <exception cref="ConfigException">The folder cannot be made, or holds a run of another model.</exception>
    /// <exception cref="Data.DataFormatException">The data cannot be read or does not fit.</exception>
    /// <exception cref="CheckpointException">A checkpoint cannot be read or written.</exception>
    public RunOutcome Run(Func<string?> stopSignal)
    {
        var precision = config.Spec.Precision.ToScalarType();
        var plan = StepPlan.Of(config);
        plan.RequireFit(ProcessMemory.Available());
        using var data = new TrainingData(config);
        MakeFolder();
        using var claim = RunClaim.Take(_folder);
        var store = new CheckpointStore(_folder.Checkpoints, new CheckpointPolicy { KeepLast = config.Run.KeepCheckpoints });
        var latest = store.FindSound();
        using var checkpoint = latest is null ? null : OpenForResume(latest);

        var libtorch = Libtorch.Load(config.Run.Threads.Given);
        SaveDescription(plan, libtorch, data.Tokenizer);
        using var meter = new StepMeter(_folder, world: null, config.Run.LogEvery, checkpoint?.Manifest.Step ?? 0, trace);
        var engine = new Engine(Device.Cpu, meter.Recorder);
        using var parameters = new ParameterStore(engine, config.Spec.Model.Architecture, precision, withGradients: true);
        using var model = new LlamaModel(parameters, ModelOptions.For(config.Spec));
        using var state = new TrainingState(parameters, config.Optimizer);
        Start(state, checkpoint);

        var peak = MachinePeak.Measure(engine, precision);
        var scale = new ConsoleScale(config.TotalSteps, peak, $"{precision.ShortName()} measured", ProcessMemory.Available());
        using var recorder = new RunRecorder(_folder, console, scale, config.Run.LogEvery, state.Step, time);
        recorder.Note(checkpoint is null ? RunEventKind.Start : RunEventKind.Resume, state.Step, Describe(latest, checkpoint, libtorch));
        CheckpointContent Content() => state.ToContent(TokenIds(data.Tokenizer), configText, libtorch.Threads);
        using var checkpoints = new CheckpointWriter(store, plan.StagingBytes);
        var outcome = new Trainer(config, model, state, data, checkpoints, recorder, meter, peak, Content, time).Run(stopSignal);
        meter.Finish();
        return outcome;
    }

    private void MakeFolder()
    {
        try
        {
            Directory.CreateDirectory(_folder.Root);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException(
                $"run.out is {_folder.Root}, which cannot be made: {error.Message} Give a folder that this user may write.");
        }
    }

    private static string Describe(LatestCheckpoint? latest, Checkpoint? checkpoint, Libtorch libtorch)
    {
        if (latest is null || checkpoint is null)
            return $"starting at step 0, {libtorch.Threads} threads, libtorch {libtorch.Version}";
        var threads = checkpoint.Manifest.Threads == libtorch.Threads
            ? ""
            : $"; {libtorch.Threads} threads where the checkpoint was made with {checkpoint.Manifest.Threads}, " +
                "so sums may differ in their last bits";
        return (latest.Warning is null ? "" : latest.Warning + Environment.NewLine) +
            $"resuming after step {latest.Step} from {latest.Path}{threads}";
    }

    private Checkpoint OpenForResume(LatestCheckpoint latest)
    {
        var checkpoint = Checkpoint.Open(latest.Path);
        var (found, wanted) = (
            HuggingFaceConfig.Parse(checkpoint.Manifest.Architecture, latest.Path).Architecture, config.Spec.Model.Architecture);
        if (found == wanted)
            return checkpoint;
        checkpoint.Dispose();
        throw new ConfigException(
            $"run.out is {_folder.Root}, which holds a run of another model: there {found.DescribeDifference(wanted)}. " +
            "Give this run a folder of its own, or train that model.");
    }

    private void Start(TrainingState state, Checkpoint? checkpoint)
    {
        if (checkpoint is not null)
            state.Restore(checkpoint);
        else if (config.Spec.Model.Weights is { } weights)
            LoadInitialWeights(state.Parameters, weights);
        else
            ParameterInitialization.Initialize(state.Parameters, config.Run.Seed);
    }

    private static void LoadInitialWeights(ParameterStore parameters, string path)
    {
        using var source = ModelReader.Open(path);
        if (source.Architecture != parameters.Architecture)
        {
            throw new ConfigException(
                $"model.weights is {path}, which holds another model than the run's: " +
                $"there {source.Architecture.DescribeDifference(parameters.Architecture)}.");
        }

        ModelWeights.Load(parameters, source.Weights);
    }

    /// <summary>What the run is, saved before its first step.</summary>
    private void SaveDescription(StepPlan plan, Libtorch libtorch, Tokenizer? tokenizer)
    {
        File.WriteAllText(_folder.Config, configText);
        plan.Save(_folder.Plan);
        RunEnvironment.Capture(libtorch.Folder, libtorch.Version.ToString(), libtorch.Threads, time).Save(_folder.Environment);
        if (tokenizer is not null)
            HuggingFaceTokenizerJson.Write(tokenizer, _folder.Tokenizer);
    }

    private HuggingFaceConfig TokenIds(Tokenizer? tokenizer) => new()
    {
        Architecture = config.Spec.Model.Architecture,
        Dtype = config.Spec.Precision.ToScalarType().ToWeightType(),
        BosTokenId = tokenizer?.BosId,
        EosTokenIds = tokenizer?.StopIds ?? [],
    };
}
