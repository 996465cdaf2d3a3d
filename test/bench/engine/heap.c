/*
 * The engine workloads on a plain event loop in C: a heap of records with four children a node, handlers called through
 * a table; for churn the same over an indexed heap, so that a session timer can be moved rather than left behind. What a
 * competent afternoon gives, and the yardstick of speed for the engine of regroup.
 *
 * cc -O2 -o heap heap.c -lm;  ./heap hold:1000 inputs.bin
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define SIZE (1 << 20)
#define MASK (SIZE - 1)
#define WARM_UP 1500000L
#define TIMED 2000000L
#define CUSTOMERS 1000000L
#define WARM_UP_RUNS 3
#define LINE 4096

static double *x, *y, *p, *a, *d;

/* Processor time, as in the other engines' measurements. */
static double nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1e9 * now.tv_sec + now.tv_nsec;
}

static void fail(const char *message) {
  fprintf(stderr, "%s\n", message);
  exit(1);
}

/* ---- events in a heap, ordered by time, then by the order they were scheduled */

typedef struct {
  double time;
  uint64_t sequence;
  int32_t kind, subject, argument;
} Event;

static Event *heap;
static long heap_size, heap_room;
static uint64_t sequence;
static double now;

typedef void (*Handler)(int32_t subject, int32_t argument);
static Handler handlers[4];

static inline int before(const Event *left, const Event *right) {
  return left->time < right->time || (left->time == right->time && left->sequence < right->sequence);
}

static void schedule(double delay, int32_t kind, int32_t subject, int32_t argument) {
  if (heap_size == heap_room) {
    heap_room = heap_room ? 2 * heap_room : 64;
    heap = realloc(heap, heap_room * sizeof *heap);
    if (!heap) fail("out of memory");
  }
  Event event = {now + delay, sequence++, kind, subject, argument};
  long at = heap_size++;
  while (at > 0) {
    long parent = (at - 1) >> 2;
    if (!before(&event, &heap[parent])) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = event;
}

static Event take(void) {
  Event first = heap[0], event = heap[--heap_size];
  long at = 0;
  for (;;) {
    long child = 4 * at + 1;
    if (child >= heap_size) break;
    long end = child + 4 < heap_size ? child + 4 : heap_size, least = child;
    for (long other = child + 1; other < end; other++)
      if (before(&heap[other], &heap[least])) least = other;
    if (!before(&heap[least], &event)) break;
    heap[at] = heap[least];
    at = least;
  }
  heap[at] = event;
  return first;
}

static void run(long events) {
  while (events-- > 0 && heap_size > 0) {
    Event event = take();
    now = event.time;
    handlers[event.kind](event.subject, event.argument);
  }
}

static void reset(void) {
  heap_size = 0;
  sequence = 0;
  now = 0;
}

static double timed_events(long size) {
  run(size > WARM_UP ? size : WARM_UP);
  double start = nanoseconds();
  run(TIMED);
  return (nanoseconds() - start) / TIMED;
}

/* ---- hold */

static long k;

static void hold_event(int32_t subject, int32_t argument) {
  (void)argument;
  schedule(x[k++ & MASK], 0, subject, 0);
}

static double hold(long size, char *check) {
  handlers[0] = hold_event;
  for (long subject = 0; subject < size; subject++) schedule(x[k++ & MASK], 0, subject, 0);
  double ns = timed_events(size);
  sprintf(check, "%.0f", now);
  return ns;
}

/* ---- PHOLD */

static uint32_t hashes[1000];

static void phold_message(int32_t party, int32_t id) {
  hashes[party] = 31 * hashes[party] + id;
  schedule(p[k & MASK], 0, d[k & MASK], id);
  k++;
}

static double phold(long size, char *check) {
  (void)size;
  handlers[0] = phold_message;
  for (int id = 0; id < 16000; id++) schedule(p[k++ & MASK], 0, id >> 4, id);
  double ns = timed_events(16000);
  uint32_t xor = 0;
  for (int party = 0; party < 1000; party++) xor ^= hashes[party];
  sprintf(check, "%.0f %u", now, xor);
  return ns;
}

/*
 * ---- the same with events that can be moved: an indexed heap, which knows the place of each node
 *
 * The loop is that of the other workloads: an event is taken out, then its handler is called through the table. A node
 * is an event that may be pending or not, and arming it again moves it.
 */

static struct {
  double time;
  uint64_t sequence;
} *key;
static struct {
  int32_t kind, subject;
} *meaning;
static int32_t *place, *nodes, node_count;

static inline int node_before(int32_t left, int32_t right) {
  return key[left].time < key[right].time ||
         (key[left].time == key[right].time && key[left].sequence < key[right].sequence);
}

static inline void put(int32_t node, int32_t at) {
  nodes[at] = node;
  place[node] = at;
}

static void rise(int32_t node, int32_t at) {
  while (at > 0) {
    int32_t parent = (at - 1) >> 2;
    if (!node_before(node, nodes[parent])) break;
    put(nodes[parent], at);
    at = parent;
  }
  put(node, at);
}

static void sink(int32_t node, int32_t at) {
  for (;;) {
    int32_t child = 4 * at + 1;
    if (child >= node_count) break;
    int32_t end = child + 4 < node_count ? child + 4 : node_count, least = child;
    for (int32_t other = child + 1; other < end; other++)
      if (node_before(nodes[other], nodes[least])) least = other;
    if (!node_before(nodes[least], node)) break;
    put(nodes[least], at);
    at = least;
  }
  put(node, at);
}

/* Room for so many nodes, none of them pending. */
static void make_nodes(int32_t count) {
  node_count = 0;
  key = realloc(key, count * sizeof *key);
  meaning = realloc(meaning, count * sizeof *meaning);
  place = realloc(place, count * sizeof *place);
  nodes = realloc(nodes, count * sizeof *nodes);
  if (!key || !meaning || !place || !nodes) fail("out of memory");
  for (int32_t node = 0; node < count; node++) place[node] = -1;
}

/* Has the node's event happen after a delay, in place of when it was to happen before. */
static void arm(int32_t node, double delay) {
  double time = now + delay;
  int idle = place[node] < 0, earlier = !idle && time < key[node].time;
  key[node].time = time;
  key[node].sequence = sequence++;
  if (idle)
    rise(node, node_count++);
  else if (earlier)
    rise(node, place[node]);
  else
    sink(node, place[node]);
}

static int32_t take_node(void) {
  int32_t node = nodes[0], moved = nodes[--node_count];
  place[node] = -1;
  if (node_count > 0) sink(moved, 0);
  return node;
}

static void run_nodes(double end) {
  while (node_count > 0 && key[nodes[0]].time < end) {
    int32_t node = take_node();
    now = key[node].time;
    handlers[meaning[node].kind](meaning[node].subject, 0);
  }
}

/* ---- churn: a node for the heartbeat and one for the session of each member */

enum { MEMBERS = 10000, HEARTBEAT = 0, SESSION = 1 };

static int32_t left[MEMBERS];
static long heartbeats, expiries;
static double expiry_times;
static uint32_t hash;

static void heartbeat(int32_t member, int32_t argument) {
  (void)argument;
  heartbeats++;
  hash = 31 * hash + 2 * member;
  arm(2 * member + SESSION, 45000);
  if (--left[member] > 0) arm(2 * member + HEARTBEAT, 3000);
}

static void expire(int32_t member, int32_t argument) {
  (void)argument;
  expiries++;
  expiry_times += now;
  hash = 31 * hash + 2 * member + 1;
}

static long churn_until(double end, char *check) {
  reset();
  make_nodes(2 * MEMBERS);
  handlers[HEARTBEAT] = heartbeat;
  handlers[SESSION] = expire;
  heartbeats = expiries = 0;
  expiry_times = 0;
  hash = 0;
  for (int32_t member = 0; member < MEMBERS; member++) {
    left[member] = member % 100 == 0 ? 34 : 1000000;
    for (int32_t kind = 0; kind < 2; kind++) {
      meaning[2 * member + kind].kind = kind;
      meaning[2 * member + kind].subject = member;
    }
    arm(2 * member + HEARTBEAT, 3 * member / 10);
  }
  run_nodes(end);
  sprintf(check, "%ld %ld %.0f %u", heartbeats, expiries, expiry_times, hash);
  return heartbeats;
}

static double churn(long size, char *check) {
  (void)size;
  for (int runs = 0; runs < WARM_UP_RUNS; runs++) churn_until(300000, check);
  double start = nanoseconds();
  long count = churn_until(300000, check);
  return (nanoseconds() - start) / count;
}

/* ---- M/M/1 */

static double *arrivals, waits;
static long line_first, line_last, arrived, served, customers;
static int busy;

static void serve(void) {
  waits += now - arrivals[line_first++ & (LINE - 1)];
  busy = 1;
  schedule(y[served++ & MASK], 0, 0, 0);
}

static void departure(int32_t subject, int32_t argument) {
  (void)subject, (void)argument;
  if (line_first < line_last)
    serve();
  else
    busy = 0;
}

static void arrival(int32_t subject, int32_t argument) {
  (void)subject, (void)argument;
  arrivals[line_last++ & (LINE - 1)] = now;
  if (!busy) serve();
  if (++arrived < customers) schedule(a[arrived & MASK], 1, 0, 0);
}

static void queue_of(long count) {
  reset();
  line_first = line_last = arrived = served = busy = 0;
  waits = 0;
  customers = count;
  schedule(a[0], 1, 0, 0);
  run(4 * count);
}

static double mm1(long size, char *check) {
  (void)size;
  handlers[0] = departure;
  handlers[1] = arrival;
  arrivals = malloc(LINE * sizeof *arrivals);
  for (int runs = 0; runs < WARM_UP_RUNS; runs++) queue_of(CUSTOMERS);
  double start = nanoseconds();
  queue_of(CUSTOMERS);
  double ns = (nanoseconds() - start) / CUSTOMERS;
  sprintf(check, "%.0f", waits);
  return ns;
}

int main(int count, char **arguments) {
  if (count != 3) fail("usage: heap workload[:size] inputs.bin");
  double *all = malloc(5 * SIZE * sizeof *all);
  FILE *file = fopen(arguments[2], "rb");
  if (!file || fread(all, sizeof *all, 5 * SIZE, file) != 5 * SIZE) fail("cannot read the inputs");
  fclose(file);
  x = all, y = all + SIZE, p = all + 2 * SIZE, a = all + 3 * SIZE, d = all + 4 * SIZE;

  char *size = strchr(arguments[1], ':');
  if (size) *size++ = 0;
  static const struct {
    const char *name;
    double (*run)(long size, char *check);
  } workloads[] = {{"hold", hold}, {"phold", phold}, {"churn", churn}, {"mm1", mm1}};
  for (unsigned index = 0; index < sizeof workloads / sizeof *workloads; index++) {
    if (strcmp(arguments[1], workloads[index].name)) continue;
    char check[100];
    double ns = workloads[index].run(size ? atol(size) : 0, check);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"ns\":%.3f,\"check\":\"%s\",\"bytes\":%ld}\n", ns, check, 1024 * usage.ru_maxrss);
    return 0;
  }
  fail("no such workload");
}
