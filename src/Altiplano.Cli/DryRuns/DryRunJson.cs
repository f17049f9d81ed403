using System.Text.Json;
using Altiplano.Distributed;
using Altiplano.Planning.Costs.Steps;
using Altiplano.Planning.Search;
using Altiplano.Training.Tracing;

namespace Altiplano.Cli.DryRuns;

/// <summary>One rank's step as JSON; keys name their units. docs/dryrun.md lists them.</summary>
internal sealed class DryRunJson
{
    private readonly DryRun _dryRun;
    private readonly Utf8JsonWriter _json;

    private DryRunJson(DryRun dryRun, Utf8JsonWriter json) => (_dryRun, _json) = (dryRun, json);

    public static void Write(DryRun dryRun, TextWriter output) => JsonText.Write(output, json => new DryRunJson(dryRun, json).Write());

    /// <summary>What is traced, the same for a rank and for a whole job.</summary>
    internal static void WriteRun(Utf8JsonWriter json, DryRunQuestion question)
    {
        var setting = question.Setting;
        json.WriteString("model", question.Config.Spec.Model.Name);
        json.WriteString("layout", LayoutText.Of(setting.Layout));
        json.WriteString("mesh", setting.Layout.Mesh.ToString());
        json.WriteNumber("ranks", setting.Layout.World);
        json.WriteNumber("seq_len_tokens", setting.SeqLen);
        json.WriteNumber("global_batch_sequences", setting.SequencesPerStep);
        json.WriteString("precision", setting.Precision.ToString().ToLowerInvariant());
        json.WriteString("kind", "traced on shapes");
        json.WriteArray("notes", question.Notes, json.WriteStringValue);
    }

    private void Write()
    {
        _json.WriteStartObject();
        WriteRun(_json, _dryRun.Question);
        _json.WriteNumber("rank", _dryRun.Rank);
        _json.WritePropertyName("start");
        _dryRun.Start.Write(_json);
        _json.WriteNumber("step", _dryRun.Step);
        _json.WriteArray("microbatches", _dryRun.Samples, Samples);
        _json.WriteArray("schedule", _dryRun.Trace.Actions, action => _json.WriteStringValue(action.Action.ToString()));
        _json.WriteArray("traffic", TrafficSummary.Of(_dryRun.Trace), Traffic);
        _json.WriteArray("collectives", _dryRun.Trace.Collectives, Collective);
        _json.WriteNumber("flops", _dryRun.Trace.Flops);
        _json.WriteArray("operators", OperatorSummary.Of(_dryRun.Trace), Operator);
        Memory();
        if (_dryRun.Comparison is { } comparison)
            _json.WriteArray("closed_form", comparison, Compared);
        _json.WriteEndObject();
    }

    private void Samples((long First, int Count) microbatch)
    {
        _json.WriteStartObject();
        _json.WriteNumber("first_sample", microbatch.First);
        _json.WriteNumber("samples", microbatch.Count);
        _json.WriteEndObject();
    }

    private void Traffic(TrafficSummary line)
    {
        _json.WriteStartObject();
        _json.WriteString("axis", line.Axis);
        _json.WriteNumber("ranks", line.Ranks);
        _json.WriteString("operation", line.Kind.Name());
        _json.WriteNumber("count", line.Count);
        _json.WriteNumber("bytes", line.Bytes);
        _json.WriteEndObject();
    }

    private void Collective(TracedCollective collective)
    {
        var record = collective.Record;
        _json.WriteStartObject();
        _json.WriteString("axis", record.Axis);
        _json.WriteString("operation", record.Kind.Name());
        if (record.Kind is CollectiveKind.AllReduce or CollectiveKind.ReduceScatter)
            _json.WriteString("reduction", record.Op.ToString().ToLowerInvariant());
        _json.WriteNumber("sequence", record.Sequence);
        _json.WriteNumber("bytes", record.Bytes);
        if (record.Destination is { } destination)
            _json.WriteNumber("to_rank", destination);
        if (record.Source is { } source)
            _json.WriteNumber("from_rank", source);
        if (collective.Action is { } action)
            _json.WriteString("action", _dryRun.Trace.Actions[action].Action.ToString());
        _json.WriteEndObject();
    }

    private void Operator(OperatorSummary op)
    {
        _json.WriteStartObject();
        _json.WriteString("operator", op.Name);
        _json.WriteNumber("calls", op.Count);
        _json.WriteNumber("flops", op.Flops);
        _json.WriteNumber("bytes", op.Bytes);
        _json.WriteEndObject();
    }

    private void Memory()
    {
        var memory = _dryRun.Memory;
        _json.WriteStartObject("memory");
        _json.WriteNumber("peak_bytes", memory.PeakBytes);
        if (_dryRun.ActionAt(memory.PeakPlace) is { } action)
            _json.WriteString("peak_action", _dryRun.Trace.Actions[action].Action.ToString());
        Parts("at_peak_bytes", memory.AtPeak);
        Parts("most_bytes", memory.Peaks);
        _json.WriteArray("alive_at_peak", memory.AliveAt(memory.PeakPlace), alive =>
        {
            _json.WriteStartObject();
            _json.WriteString("part", DryRunWords.Key(alive.Part));
            _json.WriteString("made_by", alive.MadeBy);
            _json.WriteNumber("tensors", alive.Count);
            _json.WriteNumber("bytes", alive.Bytes);
            _json.WriteEndObject();
        });
        _json.WriteArray("over_time", memory.Actions, now =>
        {
            _json.WriteStartObject();
            if (now.Action is { } index)
                _json.WriteString("action", _dryRun.Trace.Actions[index].Action.ToString());
            _json.WriteNumber("peak_bytes", now.Peak.Total);
            Parts("parts_bytes", now.Peak);
            _json.WriteEndObject();
        });
        _json.WriteEndObject();
    }

    private void Parts(string name, PartBytes parts)
    {
        _json.WriteStartObject(name);
        foreach (var part in Enum.GetValues<StepPart>())
            _json.WriteNumber(DryRunWords.Key(part), parts[part]);
        _json.WriteEndObject();
    }

    private void Compared(ComparedFigure figure)
    {
        _json.WriteStartObject();
        _json.WriteString("figure", figure.Name);
        _json.WriteNumber("planned", figure.Planned);
        _json.WriteNumber("traced", figure.Traced);
        _json.WriteEndObject();
    }
}
