namespace Altiplano.Planning.Machines;

/// <summary>To which part of a step an operator or an axis belongs, by the names of the step's tree.</summary>
public static class StepParts
{
    public const string Matrices = "matrices";
    public const string Attention = "attention";
    public const string Elementwise = "elementwise";
    public const string Optimizer = "optimizer";
    public const string Launch = "launch";
    public const string Bubble = "bubble";

    public static string OfOperator(string name) => name switch
    {
        "mm" or "addmm" or "grouped_mm" => Matrices,
        "adamw" or "sum_of_squares" => Optimizer,
        _ when name.Contains("attention", StringComparison.Ordinal) => Attention,
        _ => Elementwise,
    };

    public static string OfAxis(string axis) => axis switch
    {
        "tp" => "tensor_parallel",
        "cp" => "context_parallel",
        "ep" => "expert_parallel",
        "pp" or "pp_backward" or "pp_ends" => "pipeline_transfers",
        _ => "data_parallel",
    };
}
