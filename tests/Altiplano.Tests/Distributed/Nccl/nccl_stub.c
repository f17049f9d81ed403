/* NCCL 2.30.7's interface for ranks that are threads of one process, on host memory; reductions in rank order. Written for tests. */
#include "cuda_stub.h"
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { SUCCESS = 0, INVALID_ARGUMENT = 4, REMOTE_ERROR = 6, IN_PROGRESS = 7, MAX_RANKS = 16, MAX_GROUPS = 4096, MAX_CALLS = 256 };
enum { ALL_REDUCE, REDUCE_SCATTER, ALL_GATHER, BROADCAST, SEND, RECV };

/* An all-reduce of so many elements ends in a remote error. */
static const size_t failing_count = 666;

struct unique_id { char bytes[128]; };
struct config { size_t size; unsigned magic, version; int blocking; char rest[76]; };
struct comm;
struct call { int kind, type, op, peer; const void *input; void *output; size_t count; struct comm *comm; void *stream; };
struct message { const struct call *send; int taken; struct message *next; };  /* Its sender's: unlinked when it is taken or the sender aborts. */

struct group {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int ranks, joined, arrived;
    long generation;
    const struct call *calls[MAX_RANKS];
    struct message *messages[MAX_RANKS][MAX_RANKS];
    int colors[MAX_RANKS], keys[MAX_RANKS], asked;
    long splits;
    struct group *parts[MAX_RANKS];
    int part_ranks[MAX_RANKS];
};

struct comm { struct group *group; int rank, failed, aborted; };
struct batch { int count; struct call calls[MAX_CALLS]; };

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct group *registry[MAX_GROUPS];
static long next_id;
static __thread int depth;
static __thread struct batch pending;

static size_t size_of(int type)
{
    static const size_t sizes[] = {1, 1, 4, 4, 8, 8, 2, 4, 8, 2};
    return sizes[type];
}

static float widen(uint16_t value)
{
    uint32_t bits = (uint32_t)value << 16;
    float result;
    memcpy(&result, &bits, 4);
    return result;
}

static uint16_t round_to_bfloat(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return isnan(value) ? (bits >> 16) | 0x40 : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
}

#define COMBINE(a, b) (op == 0 ? (a) + (b) : (a) != (a) || (a) > (b) ? (a) : (b))
#define REDUCE(T)                                                      \
    for (size_t i = 0; i < count; i++) {                               \
        T sum = ((const T *)inputs[0])[i];                             \
        for (int r = 1; r < ranks; r++) {                              \
            T next = ((const T *)inputs[r])[i];                        \
            sum = COMBINE(sum, next);                                  \
        }                                                              \
        ((T *)output)[i] = sum;                                        \
    }

static void reduce(const char **inputs, int ranks, void *output, size_t count, int type, int op)
{
    switch (type) {
    case 1: REDUCE(uint8_t) break;
    case 2: REDUCE(int32_t) break;
    case 4: REDUCE(int64_t) break;
    case 7: REDUCE(float) break;
    case 8: REDUCE(double) break;
    case 9:
        for (size_t i = 0; i < count; i++) {
            float sum = widen(((const uint16_t *)inputs[0])[i]);
            for (int r = 1; r < ranks; r++) {
                float next = widen(((const uint16_t *)inputs[r])[i]);
                sum = COMBINE(sum, next);
            }
            ((uint16_t *)output)[i] = round_to_bfloat(sum);
        }
        break;
    default: abort();
    }
}

static void move_all(struct group *group)
{
    const struct call *first = group->calls[0];
    size_t bytes = first->count * size_of(first->type);
    const char *inputs[MAX_RANKS];
    char *sum = malloc(bytes + 1);
    for (int rank = 0; rank < group->ranks; rank++) {
        size_t part = first->kind == REDUCE_SCATTER ? rank * bytes : 0;
        for (int r = 0; r < group->ranks; r++)
            inputs[r] = (const char *)group->calls[r]->input + part;
        char *output = group->calls[rank]->output;
        if (first->kind == REDUCE_SCATTER)
            reduce(inputs, group->ranks, output, first->count, first->type, first->op);
        for (int r = 0; first->kind == ALL_GATHER && r < group->ranks; r++)
            memmove(output + r * bytes, inputs[r], bytes);
        if (first->kind == BROADCAST && output != inputs[first->peer])
            memmove(output, inputs[first->peer], bytes);
    }
    if (first->kind == ALL_REDUCE) {
        reduce(inputs, group->ranks, sum, first->count, first->type, first->op);
        for (int r = 0; r < group->ranks; r++)
            memcpy(group->calls[r]->output, sum, bytes);
    }
    free(sum);
}

static void run_collective(const struct call *call)
{
    struct group *group = call->comm->group;
    /* After an error nothing runs: the program may have freed what is still queued. */
    if (call->comm->failed)
        return;
    pthread_mutex_lock(&group->lock);
    long generation = group->generation;
    if (!call->comm->aborted) {
        group->calls[call->comm->rank] = call;
        group->arrived++;
    }
    if (group->arrived == group->ranks) {
        move_all(group);
        memset(group->calls, 0, sizeof group->calls);
        group->arrived = 0;
        group->generation++;
        pthread_cond_broadcast(&group->changed);
    }
    while (group->generation == generation && !call->comm->aborted)
        pthread_cond_wait(&group->changed, &group->lock);
    pthread_mutex_unlock(&group->lock);
    /* Only now: who hears of it may free the memory. */
    if (call->kind == ALL_REDUCE && call->count == failing_count)
        call->comm->failed = 1;
}

static struct message *post(const struct call *send)
{
    struct group *group = send->comm->group;
    struct message *message = calloc(1, sizeof *message), **end;
    message->send = send;
    pthread_mutex_lock(&group->lock);
    for (end = &group->messages[send->comm->rank][send->peer]; *end; end = &(*end)->next)
        ;
    if (!send->comm->aborted)
        *end = message;
    pthread_cond_broadcast(&group->changed);
    pthread_mutex_unlock(&group->lock);
    return message;
}

static void take(const struct call *call)
{
    struct group *group = call->comm->group;
    struct message **first = &group->messages[call->peer][call->comm->rank];
    pthread_mutex_lock(&group->lock);
    while (!*first && !call->comm->aborted)
        pthread_cond_wait(&group->changed, &group->lock);
    if (!call->comm->aborted) {
        if (call->count != (*first)->send->count)
            abort();
        memcpy(call->output, (*first)->send->input, call->count * size_of(call->type));
        (*first)->taken = 1;
        *first = (*first)->next;
        pthread_cond_broadcast(&group->changed);
    }
    pthread_mutex_unlock(&group->lock);
}

static void await_taken(struct comm *comm, struct message *message)
{
    struct group *group = comm->group;
    pthread_mutex_lock(&group->lock);
    while (!message->taken && !comm->aborted)
        pthread_cond_wait(&group->changed, &group->lock);
    pthread_mutex_unlock(&group->lock);
    free(message);
}

/* Sends and receives of one group proceed side by side, as NCCL promises. */
static void run_batch(void *argument)
{
    struct batch *batch = argument;
    struct message *sent[MAX_CALLS];
    for (int i = 0; i < batch->count; i++) {
        if (batch->calls[i].kind == SEND)
            sent[i] = post(&batch->calls[i]);
        else if (batch->calls[i].kind != RECV)
            run_collective(&batch->calls[i]);
    }
    for (int i = 0; i < batch->count; i++)
        if (batch->calls[i].kind == RECV)
            take(&batch->calls[i]);
    for (int i = 0; i < batch->count; i++)
        if (batch->calls[i].kind == SEND)
            await_taken(batch->calls[i].comm, sent[i]);
    free(batch);
}

static int issue(struct call call)
{
    if (!depth || pending.count == MAX_CALLS)
        return INVALID_ARGUMENT;
    pending.calls[pending.count++] = call;
    return SUCCESS;
}

int ncclGetVersion(int *version) { *version = 23007; return SUCCESS; }
int ncclGroupStart(void) { depth++; return SUCCESS; }

int ncclGroupEnd(void)
{
    if (--depth)
        return SUCCESS;
    while (pending.count) {
        struct batch *batch = calloc(1, sizeof *batch);
        void *stream = pending.calls[0].stream;
        int left = 0;
        for (int i = 0; i < pending.count; i++) {
            if (pending.calls[i].stream == stream)
                batch->calls[batch->count++] = pending.calls[i];
            else
                pending.calls[left++] = pending.calls[i];
        }
        pending.count = left;
        give(stream, run_batch, batch);
    }
    return SUCCESS;
}

int ncclGetUniqueId(struct unique_id *id)
{
    pthread_mutex_lock(&registry_lock);
    memset(id, 7, sizeof *id);
    snprintf(id->bytes, 32, "%ld", next_id++);
    pthread_mutex_unlock(&registry_lock);
    return SUCCESS;
}

static struct group *new_group(int ranks)
{
    struct group *group = calloc(1, sizeof *group);
    pthread_mutex_init(&group->lock, NULL);
    pthread_cond_init(&group->changed, NULL);
    group->ranks = ranks;
    return group;
}

static int check(const struct config *config)
{
    return config->size == 96 && config->magic == 0xcafebeef && config->version == 23007 && config->blocking == 0;
}

static struct comm *new_comm(struct group *group, int rank)
{
    struct comm *comm = calloc(1, sizeof *comm);
    comm->group = group;
    comm->rank = rank;
    __atomic_add_fetch(&group->joined, 1, __ATOMIC_SEQ_CST);
    return comm;
}

int ncclCommInitRankConfig(struct comm **comm, int ranks, struct unique_id id, int rank, struct config *config)
{
    if (!check(config) || id.bytes[127] != 7 || ranks > MAX_RANKS)
        return INVALID_ARGUMENT;
    struct group **group = &registry[atol(id.bytes) % MAX_GROUPS];
    pthread_mutex_lock(&registry_lock);
    if (!*group)
        *group = new_group(ranks);
    *comm = new_comm(*group, rank);
    pthread_mutex_unlock(&registry_lock);
    return IN_PROGRESS;
}

static void split(struct group *group)
{
    for (int r = 0; r < group->ranks; r++) {
        int ranks = 0, rank = 0, first = r;
        for (int other = group->ranks - 1; other >= 0; other--) {
            if (group->colors[other] != group->colors[r])
                continue;
            ranks++;
            rank += group->keys[other] < group->keys[r];
            first = other;
        }
        group->parts[r] = first == r ? new_group(ranks) : group->parts[first];
        group->part_ranks[r] = rank;
    }
}

int ncclCommSplit(struct comm *comm, int color, int key, struct comm **part, struct config *config)
{
    struct group *group = comm->group;
    if (!check(config))
        return INVALID_ARGUMENT;
    pthread_mutex_lock(&group->lock);
    long splits = group->splits;
    group->colors[comm->rank] = color;
    group->keys[comm->rank] = key;
    if (++group->asked == group->ranks) {
        split(group);
        group->asked = 0;
        group->splits++;
        pthread_cond_broadcast(&group->changed);
    }
    while (group->splits == splits)
        pthread_cond_wait(&group->changed, &group->lock);
    *part = new_comm(group->parts[comm->rank], group->part_ranks[comm->rank]);
    pthread_mutex_unlock(&group->lock);
    return SUCCESS;
}

int ncclCommGetAsyncError(struct comm *comm, int *result)
{
    int joined = __atomic_load_n(&comm->group->joined, __ATOMIC_SEQ_CST);
    *result = comm->failed ? REMOTE_ERROR : joined < comm->group->ranks ? IN_PROGRESS : SUCCESS;
    return SUCCESS;
}

/* From here on nobody reads what the rank gave: its memory may be gone when the others come. */
int ncclCommAbort(struct comm *comm)
{
    struct group *group = comm->group;
    pthread_mutex_lock(&group->lock);
    comm->aborted = 1;
    group->arrived -= group->calls[comm->rank] != NULL;
    group->calls[comm->rank] = NULL;
    memset(group->messages[comm->rank], 0, sizeof group->messages[comm->rank]);
    pthread_cond_broadcast(&group->changed);
    pthread_mutex_unlock(&group->lock);
    return SUCCESS;
}

int ncclCommFinalize(struct comm *comm) { return comm ? SUCCESS : INVALID_ARGUMENT; }
int ncclCommDestroy(struct comm *comm) { free(comm); return SUCCESS; }
const char *ncclGetErrorString(int result) { return result == REMOTE_ERROR ? "remote error" : "error"; }
const char *ncclGetLastError(struct comm *comm) { return comm && comm->failed ? "peer closed the connection" : ""; }

int ncclAllReduce(const void *input, void *output, size_t count, int type, int op, struct comm *comm, void *stream)
{
    return issue((struct call){ALL_REDUCE, type, op, 0, input, output, count, comm, stream});
}

int ncclReduceScatter(const void *input, void *output, size_t count, int type, int op, struct comm *comm, void *stream)
{
    return issue((struct call){REDUCE_SCATTER, type, op, 0, input, output, count, comm, stream});
}

int ncclAllGather(const void *input, void *output, size_t count, int type, struct comm *comm, void *stream)
{
    return issue((struct call){ALL_GATHER, type, 0, 0, input, output, count, comm, stream});
}

int ncclBroadcast(const void *input, void *output, size_t count, int type, int root, struct comm *comm, void *stream)
{
    return issue((struct call){BROADCAST, type, 0, root, input, output, count, comm, stream});
}

int ncclSend(const void *data, size_t count, int type, int peer, struct comm *comm, void *stream)
{
    return issue((struct call){SEND, type, 0, peer, data, NULL, count, comm, stream});
}

int ncclRecv(void *data, size_t count, int type, int peer, struct comm *comm, void *stream)
{
    return issue((struct call){RECV, type, 0, peer, NULL, data, count, comm, stream});
}
