/* Times MPI's own all-reduce of floats, in place, as one call and in pieces of 4 MB.
   usage: allreduce MEGABYTES ITERATIONS ...; rank 0 prints
   "c-plain MB ms" and "c-chunked MB ms", medians of the slowest rank after as many iterations to warm up. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static const long piece = (4 << 20) / sizeof(float);

static void reduce_whole(float *data, long count)
{
    MPI_Allreduce(MPI_IN_PLACE, data, (int)count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
}

static void reduce_pieces(float *data, long count)
{
    for (long start = 0; start < count; start += piece)
        reduce_whole(data + start, count - start < piece ? count - start : piece);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_ms(void (*reduce)(float *, long), float *data, long count, int iterations)
{
    double *times = malloc(sizeof(double) * iterations), median;
    for (int i = -iterations; i < iterations; i++) {
        MPI_Barrier(MPI_COMM_WORLD);
        double elapsed = MPI_Wtime(), slowest;
        reduce(data, count);
        elapsed = MPI_Wtime() - elapsed;
        MPI_Allreduce(&elapsed, &slowest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
        if (i >= 0)
            times[i] = slowest * 1e3;
    }
    qsort(times, iterations, sizeof(double), compare);
    median = times[iterations / 2];
    free(times);
    return median;
}

int main(int argc, char **argv)
{
    int rank;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    for (int i = 1; i + 1 < argc; i += 2) {
        long megabytes = atol(argv[i]), count = megabytes * 1000000 / sizeof(float);
        float *data = calloc(count, sizeof(float));
        for (long k = 0; k < count; k++)
            data[k] = 0.f;
        double plain = median_ms(reduce_whole, data, count, atoi(argv[i + 1]));
        double chunked = median_ms(reduce_pieces, data, count, atoi(argv[i + 1]));
        if (rank == 0)
            printf("c-plain %ld %.4f\nc-chunked %ld %.4f\n", megabytes, plain, megabytes, chunked);
        free(data);
    }
    MPI_Finalize();
    return 0;
}
