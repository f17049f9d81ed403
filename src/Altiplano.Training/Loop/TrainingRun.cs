using Altiplano.Data.Tokenizers;
using Altiplano.Distributed;
using Altiplano.Planning;
using Altiplano.Planning.Units;
using Altiplano.Torch;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop.Display;
using Altiplano.Training.Loop.Metrics;
using Altiplano.Training.Loop.Ranks;
using Altiplano.Training.Measuring;

namespace Altiplano.Training.Loop;

/// <summary>One rank's part of a run: prepares the folder, resumes or starts, trains, and says how it ended.</summary>
/// <param name="config">The run, with every choice made.</param>
/// <param name="configText">The same as the YAML that is kept beside the run.</param>
/// <param name="console">Null on all ranks but the first.</param>
public sealed class TrainingRun(RunConfig config, string configText, RunWorld world, ProgressConsole? console, TimeProvider time)
{
    private readonly RunFolder _folder = new(config.Run.Out);

    /// <summary>What MFU is a share of; measured when null.</summary>
    public FlopsPerSecond? Peak { get; init; }

    /// <summary>Steps to trace; null for none.</summary>
    public TraceRequest? Trace { get; init; }

    private ScalarType Precision => config.Spec.Precision.ToScalarType();

    /// <exception cref="RunStoppedException">
    /// All ranks stop; the cause is on one of them: <see cref="ConfigException"/> where the folder cannot be made or holds a run of another
    /// model, <see cref="Data.DataFormatException"/>, <see cref="CheckpointException"/>, <see cref="TrainingDivergedException"/>. A process alone
    /// throws the cause.
    /// </exception>
    /// <exception cref="CheckpointException">A checkpoint cannot be written.</exception>
    /// <exception cref="RunBrokenOffException">Another rank did not come, or ended.</exception>
    public RunOutcome Run(Func<string?> stopSignal)
    {
        var libtorch = world.Together(() => Libtorch.Load(config.Run.Threads.Given));
        var plan = world.Together(PlanThatFits);
        using var data = world.Together(() => new TrainingData(config));
        RunAgreement.Require(world, Facts(libtorch, data));
        using var claim = world.Together(() => world.IsFirst ? Claim() : null);
        var ranks = new RankFolder(_folder, world.FromFirst(() => time.GetUtcNow().UtcTicks));
        ranks.Share(world);
        var team = new CheckpointTeam(world.Rank, world.Size, ranks.Token, value => world.Largest(value)[0]);
        var store = new CheckpointStore(_folder.Checkpoints, new CheckpointPolicy { KeepLast = config.Run.KeepCheckpoints });
        var latest = world.Together(() => store.FindSound(team));
        using var checkpoint = world.Together(() => latest is null ? null : OpenForResume(latest));
        using var initial = world.Together(() => latest is null ? OpenInitialWeights() : null);
        world.Together(() => SaveDescription(plan, libtorch, data.Tokenizer, ranks));

        using var meter = new StepMeter(_folder, world.Communicator, config.Run.LogEvery, checkpoint?.Manifest.Step ?? 0, Trace);
        using var mesh = world.NewMesh(config.Mesh, meter.Recorder);
        using var parameters = new ParameterStore(
            new Engine(Device.Cpu, meter.Recorder), config.Spec.Model.Architecture, Precision, withGradients: true, config.Sharding(mesh));
        using var model = new LlamaModel(parameters, ModelOptions.For(config.Spec));
        using var state = new TrainingState(parameters, config.Optimizer);
        using var checkpoints = new CheckpointWriter(store, plan.StagingBytes, team);
        try
        {
            Start(state, checkpoint, initial);
            var peak = Peak ?? (world.IsFirst ? MachinePeak.Measure(parameters.Engine, Precision) : new FlopsPerSecond(1));
            using var recorder = world.IsFirst ? NewRecorder(peak, state.Step) : null;
            recorder?.Note(checkpoint is null ? RunEventKind.Start : RunEventKind.Resume, state.Step, Describe(latest, checkpoint, libtorch));
            CheckpointContent Content() => state.ToContent(TokenIds(data.Tokenizer), configText, libtorch.Threads);
            var outcome = new Trainer(config, world, model, state, data, checkpoints, recorder, meter, peak, Content, time).Run(stopSignal);
            meter.Finish();
            return outcome;
        }
        catch (CollectiveException lost)
        {
            throw new RunBrokenOffException(lost, isSpeaker: ranks.TryNoteAborted(state.Step, lost.Message));
        }
        catch (Exception failure) when (failure is not RunStoppedException)
        {
            _ = ranks.TryNoteAborted(state.Step, $"rank {world.Rank}: {failure.Message}");
            throw;
        }
    }

    private StepPlan PlanThatFits()
    {
        var plan = StepPlan.Of(config, world.Rank);
        plan.RequireFit(ProcessMemory.Available(), world.RanksOnHost);
        return plan;
    }

    private RunFact[] Facts(Libtorch libtorch, TrainingData data) =>
    [
        new("The resolved run file", configText, "Start every rank with the same run file and options."),
        new("The program", ProgramFiles.Fingerprint(), "Install the same build on every host."),
        new("libtorch's version", libtorch.Version.ToString(), "Install the same libtorch on every host."),
        new("The data", data.Fingerprint, "Copy the same token files to every host, or mount them."),
    ];

    private IDisposable Claim()
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

        return RunClaim.Take(_folder);
    }

    private RunRecorder NewRecorder(FlopsPerSecond peak, long startStep)
    {
        var scale = new ConsoleScale(config.TotalSteps, peak, $"{Precision.ShortName()} measured", ProcessMemory.Available());
        return new RunRecorder(_folder, console!, scale, config.Run.LogEvery, startStep, time);
    }

    private string Describe(LatestCheckpoint? latest, Checkpoint? checkpoint, Libtorch libtorch)
    {
        var ranks = world.Size == 1 ? "" : $"{config.Mesh}; ";
        if (latest is null || checkpoint is null)
            return $"starting at step 0, {ranks}{libtorch.Threads} threads, libtorch {libtorch.Version}";
        var threads = checkpoint.Manifest.Threads == libtorch.Threads
            ? ""
            : $"; {libtorch.Threads} threads where the checkpoint was made with {checkpoint.Manifest.Threads}, " +
                "so sums may differ in their last bits";
        var resharded = checkpoint.Manifest.Ranks == world.Size
            ? ""
            : $"; {world.Size} ranks where the checkpoint was made by {checkpoint.Manifest.Ranks}, so sums may differ in their last bits";
        return (latest.Warning is null ? "" : latest.Warning + Environment.NewLine) +
            $"resuming after step {latest.Step} from {latest.Path}{threads}{resharded}";
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

    /// <returns>Null for a run that draws its weights.</returns>
    private OpenedModel? OpenInitialWeights()
    {
        if (config.Spec.Model.Weights is not { } path)
            return null;
        var source = ModelReader.Open(path);
        var wanted = config.Spec.Model.Architecture;
        if (source.Architecture == wanted)
            return source;
        source.Dispose();
        throw new ConfigException(
            $"model.weights is {path}, which holds another model than the run's: there {source.Architecture.DescribeDifference(wanted)}.");
    }

    /// <summary>Reads or draws this rank's part of the weights.</summary>
    private void Start(TrainingState state, Checkpoint? checkpoint, OpenedModel? initial)
    {
        if (checkpoint is not null)
            state.Restore(checkpoint);
        else if (initial is not null)
            ModelWeights.Load(state.Parameters, initial.Weights);
        else
            ParameterInitialization.Initialize(state.Parameters, config.Run.Seed);
    }

    /// <summary>What the run is, and what each rank is, saved before the first step.</summary>
    private void SaveDescription(StepPlan plan, Libtorch libtorch, Tokenizer? tokenizer, RankFolder ranks)
    {
        if (world.Size > 1)
            ranks.Save(RankStart.Of(config, world.Rank));
        if (!world.IsFirst)
            return;
        File.WriteAllText(_folder.Config, configText);
        plan.Save(_folder.Plan);
        RunEnvironment.Capture(libtorch.Folder, libtorch.Version.ToString(), libtorch.Threads, time).Save(_folder.Environment);
        if (tokenizer is not null)
            HuggingFaceTokenizerJson.Write(tokenizer, _folder.Tokenizer);
    }

    private HuggingFaceConfig TokenIds(Tokenizer? tokenizer) => new()
    {
        Architecture = config.Spec.Model.Architecture,
        Dtype = Precision.ToWeightType(),
        BosTokenId = tokenizer?.BosId,
        EosTokenIds = tokenizer?.StopIds ?? [],
    };
}
