namespace Altiplano.Planning.Search;

/// <summary>The degrees that decide most of a layout's cost, the first choices of a search.</summary>
/// <param name="World">All ranks.</param>
/// <param name="Dp">dp_shard x dp_replicate.</param>
internal readonly record struct Trunk(int World, int Tp, int Cp, int Pp, int Dp, int MicroBatchSize)
{
    /// <summary>Sequences that one microbatch of every data-parallel rank holds.</summary>
    public long Sequences => (long)Dp * MicroBatchSize;
}

/// <summary>How the data-parallel ranks share what they hold.</summary>
internal readonly record struct Sharding(int DpShard, int DpReplicate, int ZeroStage);
