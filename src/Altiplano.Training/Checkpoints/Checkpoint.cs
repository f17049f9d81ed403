namespace Altiplano.Training.Checkpoints;

/// <summary>An opened checkpoint: its manifest, the model's weights, and the optimizer's state.</summary>
public sealed class Checkpoint : IDisposable
{
    private Checkpoint(string path, CheckpointManifest manifest, IWeightSource weights, IWeightSource optimizer)
    {
        Path = path;
        Manifest = manifest;
        Weights = weights;
        Optimizer = optimizer;
    }

    public string Path { get; }

    public CheckpointManifest Manifest { get; }

    /// <summary>Parameters by Hugging Face name.</summary>
    public IWeightSource Weights { get; }

    /// <summary><c>exp_avg.NAME</c>, <c>exp_avg_sq.NAME</c>, and <c>master.NAME</c> where master weights are separate.</summary>
    public IWeightSource Optimizer { get; }

    /// <summary>Opens a checkpoint's folder after comparing its files' sizes and headers with its manifest.</summary>
    /// <exception cref="CheckpointException">It is incomplete, damaged, or of another version.</exception>
    /// <remarks>Checksums are left to <see cref="CheckpointStore.Verify"/>: they take a pass over all bytes.</remarks>
    public static Checkpoint Open(string path)
    {
        var manifest = CheckpointManifest.Read(path);
        if (CheckpointEntry.FindSizeProblem(path, manifest) is { } problem)
            throw new CheckpointException(problem);
        var opened = new List<IWeightSource>();
        try
        {
            foreach (var file in manifest.Files)
                opened.Add(Safetensors.OpenFile(System.IO.Path.Combine(path, file.Name)));
            var problems = CheckpointVerification.CompareTensors(path, manifest, opened).ToList();
            if (problems.Count > 0)
                throw new CheckpointException(string.Join(Environment.NewLine, problems));
            return new Checkpoint(path, manifest, Find(CheckpointFile.WeightsName), Find(CheckpointFile.OptimizerName));
        }
        catch
        {
            opened.ForEach(source => source.Dispose());
            throw;
        }

        IWeightSource Find(string name) => opened.FirstOrDefault(source => System.IO.Path.GetFileName(source.Origin) == name)
            ?? throw new CheckpointException($"{path}: the manifest lists no {name}.");
    }

    public void Dispose()
    {
        Weights.Dispose();
        Optimizer.Dispose();
    }
}
