using Altiplano.Cli.Configuration;
using Altiplano.Planning;

namespace Altiplano.Tests.Cli.Configuration;

/// <summary>The message of every mistake that a run file can hold.</summary>
public sealed class RunFileProblemTests : IDisposable
{
    private const string Smallest = """
        model: tiny-15m
        data: {train: corpus}
        batch: {global_batch_tokens: 32Ki, seq_len: 512}
        run: {steps: 100, out: runs/first}
        """;

    private readonly TempFolder _folder = new();
    private readonly RunFile _runFile = new(PresetFolder.Shipped());

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("batch.seqlen=1", "batch.seqlen is not a key. Did you mean seq_len?")]
    [InlineData("batch.zzzzzzzzz=1", "batch.zzzzzzzzz is not a key. Known keys: global_batch_tokens, micro_batch_size, seq_len.")]
    [InlineData("rum=1", "rum is not a key. Did you mean run?")]
    [InlineData("optimizer.lr=fast", "optimizer.lr is \"fast\", but it must be a number above 0.")]
    [InlineData("optimizer.lr=0", "optimizer.lr is \"0\", but it must be a number above 0.")]
    [InlineData("optimizer.lr=.nan", "optimizer.lr is \".nan\", but it must be a number above 0.")]
    [InlineData("optimizer.weight_decay=-1", "optimizer.weight_decay is \"-1\", but it must be a number, 0 or more.")]
    [InlineData("optimizer.lr_schedule=cosin", "optimizer.lr_schedule is \"cosin\", but it must be one of cosine, linear, wsd.")]
    [InlineData("optimizer.betas=[0.9]", "optimizer.betas is a list, but it must be a list of two numbers from 0 up to, but not, 1.")]
    [InlineData("optimizer.betas=[0.9, 1]", "optimizer.betas[1] is \"1\", but it must be a number from 0 up to, but not, 1.")]
    [InlineData("optimizer=3", "optimizer must be a mapping of keys: lr, min_lr, warmup_steps, lr_schedule, decay_steps, weight_decay, betas, eps, max_grad_norm.")]
    [InlineData("optimizer.min_lr=1", "optimizer.min_lr is 1, but it must not exceed lr, which is 0.0003.")]
    [InlineData("optimizer.decay_steps=5", "optimizer.decay_steps is 5, but only lr_schedule: wsd has a decay of its own. Remove decay_steps, or use lr_schedule: wsd.")]
    [InlineData("optimizer.warmup_steps=101", "optimizer.warmup_steps is 101, but the run has 100 steps. Use 100 or fewer.")]
    [InlineData("optimizer={lr_schedule: wsd, warmup_steps: 60, decay_steps: 50}", "optimizer.decay_steps is 50, but the run has 100 steps, 60 of them warm-up. Use 40 or fewer.")]
    [InlineData("mesh.tp=12", "mesh.tp is 12, but the model has 6 key/value heads and each rank needs whole heads. Use 1, 2, 3 or 6.")]
    [InlineData("mesh.pp=0", "mesh.pp is \"0\", but it must be a whole number, 1 or more, or auto.")]
    [InlineData("parallel.recompute=half", "parallel.recompute is \"half\", but it must be one of none, selective, full, or auto.")]
    [InlineData("batch.global_batch_tokens=[15M, 17M]", "batch.global_batch_tokens is [15M, 17M], but training needs one size. Write 14999552, or let plan --write choose.")]
    [InlineData("batch.global_batch_tokens=[15M]", "batch.global_batch_tokens is a list, but it must be a number of tokens such as 65536, 64Ki or 4M, or a range of two of them such as [15M, 17M].")]
    [InlineData("batch.global_batch_tokens=[15M, many]", "batch.global_batch_tokens[1] is \"many\", but it must be a number of tokens such as 65536, 64Ki or 4M.")]
    [InlineData("batch.global_batch_tokens=[17M, 15M]", "batch.global_batch_tokens is [17M, 15M], but a range goes up. Write 17M alone, or [15M, 17M].")]
    [InlineData("batch.global_batch_tokens=[513, 1000]", "batch.global_batch_tokens is [513, 1000], but no step within is made of whole pieces of micro_batch_size x seq_len = 512 tokens. Use [512, 1024].")]
    [InlineData("parallel.zero=4", "parallel.zero is \"4\", but it must be a whole number from 0 to 3, or auto.")]
    [InlineData("parallel.pp_schedule=1b1f", "parallel.pp_schedule is \"1b1f\", but it must be one of 1f1b, interleaved_1f1b, gpipe, zero_bubble, or auto.")]
    [InlineData("parallel.cp_method=rings", "parallel.cp_method is \"rings\", but it must be one of all_gather, ring, or auto.")]
    [InlineData("parallel.sequence_parallel=yes", "parallel.sequence_parallel is \"yes\", but it must be true or false, or auto.")]
    [InlineData("phases=[{until_tokens: 1M, global_batch_tokens: 1024, seq_len: 512}]", "phases is a list of 1, but training has one batch and one length of sequence. Remove phases, and run one file for each, each starting from the weights of the one before.")]
    [InlineData("phases=[{until_tokens: 1M}]", "phases[0].global_batch_tokens is missing. It is required.|phases[0].seq_len is missing. It is required.")]
    [InlineData("phases=3", "phases is \"3\", but it must be a list, each a mapping of until_tokens, global_batch_tokens, seq_len.")]
    [InlineData("run.precision=fp8", "run.precision is fp8, but training is in fp32, fp64 or bf16; fp8 can only be planned. Use bf16.")]
    [InlineData("run.checkpoint_every=often", "run.checkpoint_every is \"often\", but it must be a whole number, 1 or more, or auto.")]
    [InlineData("model=mixtral-8x7b", "model is mixtral-8x7b, but it is neither a dense Llama nor the text model of a Llama 4: it can be planned, but not trained, imported or exported. Use one of these.")]
    [InlineData("model=llama4-scout", "model.vision is given, but training is of the text model alone. Set it to null, or use a model without.")]
    [InlineData("cluster=h100-10k", "cluster is \"h100-10k\", which is neither a preset nor a file. Did you mean h100-100k?")]
    [InlineData("cluster={preset: h100-8, num_gpus: 12}", "cluster.num_gpus is 12, but the cluster is made of whole servers, and hgx-h100 holds 8. Use 8 or 16.|cluster.network.tiers[0].gpus is 8 (server), but the last tier reaches the whole cluster, and num_gpus is 12. Use 12, or add the tier that joins the servers.")]
    [InlineData("batch.global_batch_tokens=0", "batch.global_batch_tokens is \"0\", but it must be a number of tokens such as 65536, 64Ki or 4M, or a range of two of them such as [15M, 17M].")]
    [InlineData("batch.seq_len=4096", "batch.seq_len is 4096, but the model's max_position_embeddings is 2048. Use 2048 or fewer, or raise model.max_position_embeddings.")]
    [InlineData("batch.seq_len=", "batch.seq_len is empty, but it must be a whole number, 1 or more.")]
    [InlineData("run.steps=2.5", "run.steps is \"2.5\", but it must be a whole number, 1 or more.")]
    [InlineData("run.tokens=8M", "run.tokens is 8M and run.steps is 100, but only one can give the length of the run. Remove one.")]
    [InlineData("run.threads=0", "run.threads is \"0\", but it must be a whole number from 1 to 1024, or auto.")]
    [InlineData("run.seed=-1", "run.seed is \"-1\", but it must be a whole number, 0 or more.")]
    [InlineData("run.out={a: 1}", "run.out is a mapping, but it must be a path.")]
    [InlineData("run.precision=fp16", "run.precision is \"fp16\", but it must be one of fp32, fp64, bf16, fp8.")]
    [InlineData("data.train=[]", "data.train is a list, but it must be a path, or a list of {path, weight}.")]
    [InlineData("data.train=[{weight: 1}]", "data.train[0].path is missing. It is required.")]
    [InlineData("data.train=[{path: x, weight: 0}]", "data.train[0].weight is \"0\", but it must be a number above 0.")]
    [InlineData("data.train=[x]", "data.train[0] must be a mapping of keys: path, weight.")]
    [InlineData("data.val=[a]", "data.val is a list, but it must be a path, or a mapping of names to paths.")]
    [InlineData("data.val={a: [1]}", "data.val.a is a list, but it must be a path.")]
    [InlineData("data.val={train: a}", "data.val.train is not a name for metrics: use lower-case letters, digits and _, and not \"train\".")]
    [InlineData("data.val={a/b: a}", "data.val.a/b is not a name for metrics: use lower-case letters, digits and _, and not \"train\".")]
    [InlineData("data.shuffle=yes", "data.shuffle is \"yes\", but it must be true or false.")]
    [InlineData("model=llama3-8B", "model is \"llama3-8B\", which is neither a preset nor a folder with a config.json. Did you mean llama3-8b?")]
    [InlineData("model=[1]", "model is a list, but it must be a preset, a Hugging Face folder, or a mapping.")]
    [InlineData("model={preset: tiny}", "model.preset is \"tiny\", but there is no such preset. Did you mean tiny-15m?")]
    [InlineData("model={preset: tiny-15m, num_key_value_heads: 4}", "model.num_key_value_heads is 4, but the 6 query heads must share them evenly. Use 1, 2, 3, 6.")]
    [InlineData("model={preset: tiny-15m, hiden_size: 4}", "model.hiden_size is not a key. Did you mean hidden_size?")]
    public void Read_OneMistake_IsNamedWithItsOption(string assignment, string problem) =>
        Problems(Smallest, assignment).ShouldBe(problem.Split('|').Select(p => $"--set {assignment}: {p}"), ignoreOrder: true, customMessage: assignment);

    [Fact]
    public void Read_MistakeInTheFile_IsNamedWithLineAndColumn() =>
        Problems(Smallest.Replace("seq_len", "seqlen")).ShouldBe(
        [
            $"{_folder["run.yaml"]}:3:36: batch.seqlen is not a key. Did you mean seq_len?",
            $"{_folder["run.yaml"]}:3:8: batch.seq_len is missing. It is required.",
        ]);

    [Fact]
    public void Read_ContradictionInTheFile_PointsAtTheValue() =>
        Problems(Smallest + "\noptimizer:\n  lr: 1e-4\n  min_lr: 1e-3\n").ShouldBe(
            [$"{_folder["run.yaml"]}:7:11: optimizer.min_lr is 0.001, but it must not exceed lr, which is 0.0001."]);

    [Fact]
    public void Read_ManyMistakes_ReportsThemTogether() =>
        Problems(Smallest, "optimizer.lr=x", "run.seed=x", "mesh.tp=x", "bach=1", "nonsense", "model.name.x=1").Count.ShouldBe(6);

    [Fact]
    public void Read_NoLength_AsksForOne() =>
        Problems(Smallest.Replace("steps: 100, ", "")).ShouldBe(
            [$"{_folder["run.yaml"]}:4:6: run.steps is missing, and so is run.tokens: give one of them, the length of the run."]);

    [Fact]
    public void Read_EmptyFile_NamesWhatIsRequired() =>
        Problems("").Select(p => p[(p.LastIndexOf(": ", StringComparison.Ordinal) + 2)..]).ShouldBe(
        [
            "model is missing. It is required.", "data is missing. It is required.",
            "batch is missing. It is required.", "run is missing. It is required.",
        ]);

    [Theory]
    [InlineData("batch.seq_len", "it must have the form KEY=VALUE, as in --set batch.seq_len=4096.")]
    [InlineData("=3", "it must have the form KEY=VALUE, as in --set batch.seq_len=4096.")]
    [InlineData("model.hidden_size=3", "model is not a mapping in the run file, so it has no key hidden_size.")]
    [InlineData("model.rope_scaling.factor=3", "model is not a mapping in the run file, so it has no key rope_scaling.")]
    public void Read_OptionThatSetsNothing_SaysWhy(string assignment, string problem) =>
        Problems(Smallest, assignment).ShouldBe([$"--set {assignment}: {problem}"]);

    [Fact]
    public void Read_OptionThatIsNoYaml_SaysWhere() =>
        Problems(Smallest, "data.train=[x").ShouldHaveSingleItem().ShouldStartWith("--set data.train=[x:2:1: the text is not YAML: ");

    [Theory]
    [InlineData("a: [1\n", ":2:1: the text is not YAML: ")]
    [InlineData("a: 1\na: 2\n", ":2:1: the text is not YAML: ")]
    public void Read_TextThatIsNoYaml_SaysWhere(string yaml, string place) =>
        Problems(yaml).ShouldHaveSingleItem().ShouldStartWith(_folder["run.yaml"] + place);

    [Fact]
    public void Read_TwoDocuments_SaysSo() =>
        Problems("a: 1\n---\na: 2\n").ShouldBe([$"{_folder["run.yaml"]}: the file holds 2 YAML documents, but it must hold one."]);

    [Fact]
    public void Read_List_AsksForKeys() =>
        Problems("[1]").ShouldBe(
            [$"{_folder["run.yaml"]}:1:1: The file must be a mapping of keys: model, cluster, data, mesh, parallel, batch, phases, optimizer, run."]);

    [Fact]
    public void Read_BytesThatAreNotUtf8_NamesTheByte()
    {
        var path = _folder["run.yaml"];
        File.WriteAllBytes(path, [(byte)'a', 0xff, (byte)':']);

        Should.Throw<ConfigException>(() => _runFile.Read(path, [])).Problems
            .ShouldBe([$"{path}: byte 1 is not UTF-8. Save the file as UTF-8."]);
    }

    [Fact]
    public void Read_MissingFile_NamesThePath()
    {
        var path = _folder["absent.yaml"];

        Should.Throw<ConfigException>(() => _runFile.Read(path, [])).Problems
            .ShouldBe([$"{path}: the file cannot be read. Could not find file '{path}'."]);
    }

    private IReadOnlyList<string> Problems(string yaml, params string[] overrides) =>
        Should.Throw<ConfigException>(() => _runFile.Read(_folder.Write("run.yaml", yaml), overrides)).Problems;
}
