/* Streams and events of a CUDA driver that has no GPU: each stream is a thread that does what it is given, in order, on host memory. */
#include <pthread.h>
#include <stdlib.h>

struct stream;
struct context { struct stream *legacy; };
struct event { pthread_mutex_t lock; pthread_cond_t changed; long recorded, happened; };
struct task { void (*run)(void *); void *argument; struct task *next; };
struct stream { pthread_mutex_t lock; pthread_cond_t changed; struct task *first, *last; pthread_t thread; int closed; };
struct event_task { struct event *event; long version; };

static __thread struct context *current;

static void *run_stream(void *argument)
{
    struct stream *stream = argument;
    for (;;) {
        pthread_mutex_lock(&stream->lock);
        while (!stream->first && !stream->closed)
            pthread_cond_wait(&stream->changed, &stream->lock);
        struct task *task = stream->first;
        if (task && !(stream->first = task->next))
            stream->last = NULL;
        pthread_mutex_unlock(&stream->lock);
        if (!task)
            return NULL;
        task->run(task->argument);
        free(task);
    }
}

static struct stream *new_stream(void)
{
    struct stream *stream = calloc(1, sizeof *stream);
    pthread_mutex_init(&stream->lock, NULL);
    pthread_cond_init(&stream->changed, NULL);
    pthread_create(&stream->thread, NULL, run_stream, stream);
    return stream;
}

static struct stream *find_stream(void *handle) { return handle ? handle : current->legacy; }

static void give(void *handle, void (*run)(void *), void *argument)
{
    struct stream *stream = find_stream(handle);
    struct task *task = calloc(1, sizeof *task);
    task->run = run;
    task->argument = argument;
    pthread_mutex_lock(&stream->lock);
    if (stream->last)
        stream->last->next = task;
    else
        stream->first = task;
    stream->last = task;
    pthread_cond_signal(&stream->changed);
    pthread_mutex_unlock(&stream->lock);
}

int cuInit(unsigned flags) { return flags; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return ordinal == 0 ? 0 : 101; }
int cuCtxSetCurrent(struct context *context) { current = context; return 0; }
int cuMemAlloc_v2(void **address, size_t bytes) { *address = calloc(1, bytes); return 0; }
int cuGetErrorName(int result, const char **name) { *name = result == 101 ? "CUDA_ERROR_INVALID_DEVICE" : "CUDA_ERROR_UNKNOWN"; return 0; }

/* A context for each caller: the ranks of a test are threads, each with a GPU of its own. */
int cuDevicePrimaryCtxRetain(struct context **context, int device)
{
    *context = calloc(1, sizeof **context);
    (*context)->legacy = new_stream();
    return device;
}

int cuStreamCreateWithPriority(struct stream **stream, unsigned flags, int priority)
{
    *stream = new_stream();
    return flags == 1 && priority == 0 ? 0 : 1;
}

int cuStreamDestroy_v2(struct stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    stream->closed = 1;
    pthread_cond_signal(&stream->changed);
    pthread_mutex_unlock(&stream->lock);
    pthread_join(stream->thread, NULL);
    free(stream);
    return 0;
}

int cuEventCreate(struct event **event, unsigned flags)
{
    *event = calloc(1, sizeof **event);
    pthread_mutex_init(&(*event)->lock, NULL);
    pthread_cond_init(&(*event)->changed, NULL);
    return flags == 2 ? 0 : 1;
}

static void happen(void *argument)
{
    struct event_task *task = argument;
    pthread_mutex_lock(&task->event->lock);
    if (task->event->happened < task->version)
        task->event->happened = task->version;
    pthread_cond_broadcast(&task->event->changed);
    pthread_mutex_unlock(&task->event->lock);
    free(task);
}

static void await(void *argument)
{
    struct event_task *task = argument;
    pthread_mutex_lock(&task->event->lock);
    while (task->event->happened < task->version)
        pthread_cond_wait(&task->event->changed, &task->event->lock);
    pthread_mutex_unlock(&task->event->lock);
    free(task);
}

static struct event_task *new_event_task(struct event *event, int step)
{
    struct event_task *task = malloc(sizeof *task);
    pthread_mutex_lock(&event->lock);
    event->recorded += step;
    *task = (struct event_task){event, event->recorded};
    pthread_mutex_unlock(&event->lock);
    return task;
}

int cuEventRecord(struct event *event, void *stream) { give(stream, happen, new_event_task(event, 1)); return 0; }
int cuStreamWaitEvent(void *stream, struct event *event, unsigned flags) { give(stream, await, new_event_task(event, 0)); return flags; }

int cuEventQuery(struct event *event)
{
    pthread_mutex_lock(&event->lock);
    int happened = event->happened >= event->recorded;
    pthread_mutex_unlock(&event->lock);
    return happened ? 0 : 600;
}

int cuStreamSynchronize(void *stream)
{
    struct event *event;
    cuEventCreate(&event, 2);
    cuEventRecord(event, stream);
    await(new_event_task(event, 0));
    free(event);
    return 0;
}
