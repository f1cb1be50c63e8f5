/* Performs lists of system calls, and asks before and tells after each one.
 *
 * usage: actor ... ACTOR OP     performs the list of ACTOR from operation OP on
 *
 * Descriptor 899 holds the lists as tests/trace/programs/operations.py packs them; descriptors from 900 on are
 * sockets to an observer who is not traced. It is asked with read and write only, which no fixture looks at, so
 * that a trace holds what the list says and nothing else. Statically linked: no loader opens anything either.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LISTS = 899, CHANNELS = 900, ACTORS_AT_ONCE = 16, STACK = 1 << 16, OUT = 4096 };
enum { FORK = 0x10000, VFORK, CLONE, CLONE3, THREAD, WAIT, FORK_ITSELF = 0x10100 };
enum { NUMBER, BLOB, BUFFER, ARGV, LAST };
enum { BEFORE, AFTER };

struct argument { uint64_t kind; int64_t value; };
struct operation { uint32_t size, code; struct argument arguments[6]; char blob[]; };
struct list { uint32_t offset, count, channel, unused; };
struct message { uint32_t kind, actor, operation, thread; int64_t result; };

static union { uint32_t count; char bytes[1 << 22]; } lists __attribute__((aligned(16)));
static char stacks[ACTORS_AT_ONCE][STACK] __attribute__((aligned(16)));
static int alive[ACTORS_AT_ONCE]; /* cleared, and its waiters woken, by the kernel when a thread ends */

/* Inline, because the child of vfork returns on its parent's stack. */
static inline __attribute__((always_inline)) long raw(long number, long a, long b, long c, long d, long e, long f)
{
#if defined(__x86_64__)
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
#else
#error "no system calls for this machine"
#endif
}

static struct list *list_of(uint32_t actor)
{
    return (struct list *)(lists.bytes + 16) + actor;
}

static char talk(uint32_t kind, uint32_t actor, uint32_t operation, long thread, long result)
{
    struct message message = { kind, actor, operation, (uint32_t)thread, result };
    char answer;
    int channel = CHANNELS + (int)list_of(actor)->channel;
    if (raw(SYS_write, channel, (long)&message, sizeof message, 0, 0, 0) != sizeof message
        || raw(SYS_read, channel, (long)&answer, 1, 0, 0, 0) != 1)
        raw(SYS_exit_group, 3, 0, 0, 0, 0, 0);
    return answer;
}

static void run(uint32_t actor, uint32_t from);

static void wait_for_all(void)
{
    for (int channel = 0; channel < ACTORS_AT_ONCE; channel++)
        for (int seen; (seen = __atomic_load_n(&alive[channel], __ATOMIC_SEQ_CST)) != 0;)
            raw(SYS_futex, (long)&alive[channel], FUTEX_WAIT, seen, 0, 0, 0);
    while (raw(SYS_wait4, -1, 0, __WALL, 0, 0, 0) > 0)
        ;
}

static __attribute__((noinline, noreturn)) void whole_process(uint32_t actor, uint32_t from)
{
    run(actor, from);
    wait_for_all();
    raw(SYS_exit_group, 0, 0, 0, 0, 0, 0);
    __builtin_unreachable();
}

static int whole_thread(void *actor)
{
    run((uint32_t)(uintptr_t)actor, 0);
    raw(SYS_exit, 0, 0, 0, 0, 0, 0);
    return 0;
}

static long start(struct operation *operation, uint32_t actor)
{
    uint64_t asked[8] = { (uint64_t)operation->arguments[1].value, 0, 0, 0, SIGCHLD };
    uint32_t channel = list_of(actor)->channel;
    long result;
    switch (operation->code) {
    case FORK:
        result = raw(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
#ifdef SYS_fork
        break;
    case FORK_ITSELF:
        result = raw(SYS_fork, 0, 0, 0, 0, 0, 0);
#endif
        break;
#ifdef SYS_vfork
    case VFORK:
        result = raw(SYS_vfork, 0, 0, 0, 0, 0, 0);
        break;
#endif
    case CLONE:
        result = raw(SYS_clone, operation->arguments[1].value | SIGCHLD, 0, 0, 0, 0, 0);
        break;
    case CLONE3:
        result = raw(SYS_clone3, (long)asked, sizeof asked, 0, 0, 0, 0);
        break;
    default:
        alive[channel] = 1;
        result = clone(whole_thread, stacks[channel] + STACK, (int)operation->arguments[1].value,
                       (void *)(uintptr_t)actor, &alive[channel], NULL, &alive[channel]);
        if (result < 0)
            alive[channel] = 0;
        return result;
    }
    if (result == 0) {
        for (int other = 0; operation->code != VFORK && other < ACTORS_AT_ONCE; other++)
            alive[other] = 0; /* its copy of the memory has no threads but itself */
        whole_process(actor, 0);
    }
    return result;
}

static long perform(struct operation *operation, uint32_t actor, uint32_t next, long last)
{
    char out[6][OUT], number[2][12], *program[] = { "actor", number[0], number[1], NULL };
    long values[6];
    for (int i = 0; i < 6; i++) {
        struct argument *argument = &operation->arguments[i];
        values[i] = argument->kind == BLOB ? (long)(operation->blob + argument->value)
                  : argument->kind == BUFFER ? (long)out[i]
                  : argument->kind == ARGV ? (long)program
                  : argument->kind == LAST ? last
                  : argument->value;
    }
    for (int which = 0; which < 2; which++) { /* decimal, right-aligned: a library function may call anything */
        uint32_t left = which ? next : actor;
        char *end = number[which] + 11;
        for (*end = 0; end > number[which]; left /= 10)
            *--end = (char)('0' + left % 10);
    }
    return raw(operation->code, values[0], values[1], values[2], values[3], values[4], values[5]);
}

static void run(uint32_t actor, uint32_t from)
{
    struct list *list = list_of(actor);
    char *at = lists.bytes + list->offset;
    long thread = raw(SYS_gettid, 0, 0, 0, 0, 0, 0);
    long result = 0;
    if (from > 0)
        talk(AFTER, actor, from - 1, thread, 0);
    for (uint32_t number = 0; number < list->count; number++) {
        struct operation *operation = (struct operation *)at;
        at += operation->size;
        if (number < from)
            continue;
        if (talk(BEFORE, actor, number, thread, 0) != 'g')
            continue;
        if (operation->code == WAIT)
            wait_for_all();
        else if (operation->code >= FORK)
            result = start(operation, (uint32_t)operation->arguments[0].value);
        else
            result = perform(operation, actor, number + 1, result);
        talk(AFTER, actor, number, thread, result);
    }
}

int main(int count, char **words)
{
    if (count < 3 || raw(SYS_pread64, LISTS, (long)lists.bytes, sizeof lists.bytes, 0, 0, 0) < 16)
        return 2;
    whole_process((uint32_t)atoi(words[count - 2]), (uint32_t)atoi(words[count - 1]));
}
