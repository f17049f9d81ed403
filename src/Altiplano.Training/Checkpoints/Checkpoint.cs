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

    /// <summary>Opens a checkpoint's folder after comparing the sizes of its files with its manifest.</summary>
    /// <exception cref="CheckpointException">It is incomplete, damaged, or of another version.</exception>
    /// <remarks>
    /// A file is opened, and its header compared, when something in it is read first: a rank opens those that it needs. Checksums are left
    /// to <see cref="CheckpointStore.Verify"/>: they take a pass over all bytes.
    /// </remarks>
    public static Checkpoint Open(string path)
    {
        var manifest = CheckpointManifest.Read(path);
        if (CheckpointEntry.FindSizeProblem(path, manifest) is { } problem)
            throw new CheckpointException(problem);
        var problems = CheckpointVerification.FindPlacingProblems(path, manifest).ToList();
        if (problems.Count > 0)
            throw new CheckpointException(string.Join(Environment.NewLine, problems));
        var byKind = manifest.Tensors.ToLookup(tensor => CheckpointFile.IsOptimizerState(tensor.Slices[0].File));
        var stored = CheckpointVerification.StoredIn(manifest);
        return new Checkpoint(path, manifest, new SlicedWeights(path, byKind[false], stored), new SlicedWeights(path, byKind[true], stored));
    }

    public void Dispose()
    {
        Weights.Dispose();
        Optimizer.Dispose();
    }
}
