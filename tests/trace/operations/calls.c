/* Performs one step: a system call by its name, or one of a few that take more than one call. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "operations.h"

#define CALL(name) {#name, SYS_##name}

static const struct { const char *name; long number; } calls[] = {
    CALL(accept4), CALL(acct), CALL(bind), CALL(chdir), CALL(chroot), CALL(close), CALL(connect), CALL(dup),
    CALL(dup3), CALL(execve), CALL(execveat), CALL(faccessat), CALL(fallocate), CALL(fchdir), CALL(fchmodat),
    CALL(fchownat), CALL(fcntl), CALL(flock), CALL(fsopen), CALL(fstat), CALL(fstatfs), CALL(ftruncate), CALL(getdents64),
    CALL(getcwd), CALL(getsockname), CALL(inotify_add_watch), CALL(inotify_init1), CALL(ioctl), CALL(kill), CALL(linkat),
    CALL(listen), CALL(memfd_create), CALL(mkdirat), CALL(mknodat), CALL(mmap), CALL(mount), CALL(newfstatat), CALL(open_tree),
    CALL(openat), CALL(openat2), CALL(pipe2), CALL(pivot_root), CALL(read), CALL(readlinkat), CALL(recvmsg),
    CALL(renameat2), CALL(sendfile), CALL(sendmmsg), CALL(sendmsg), CALL(sendto), CALL(setresuid), CALL(setsid), CALL(setsockopt), CALL(setxattr),
    CALL(socket), CALL(socketpair), CALL(statfs), CALL(statx), CALL(symlinkat), CALL(truncate), CALL(umount2),
    CALL(unlinkat), CALL(unshare), CALL(utimensat), CALL(write), CALL(move_mount), CALL(fsmount), CALL(fsconfig),
#ifdef SYS_open /* Newer machines have only the calls that end in "at". */
    CALL(access), CALL(chmod), CALL(chown), CALL(creat), CALL(dup2), CALL(getdents), CALL(link), CALL(lstat), CALL(mkdir),
    CALL(mknod), CALL(open), CALL(readlink), CALL(rename), CALL(rmdir), CALL(stat), CALL(symlink), CALL(unlink),
#endif
#ifdef SYS_renameat
    CALL(renameat),
#endif
};

static int failed(long result)
{
    return result < 0 ? errno : 0;
}

/* A network of its own, with a loopback interface that is up: no port is ever taken by somebody else. */
static int own_network(void)
{
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    if (unshare(CLONE_NEWNET) < 0) return errno;
    int any = socket(AF_INET, SOCK_DGRAM, 0);
    int error = any < 0 || ioctl(any, SIOCSIFFLAGS, &lo) < 0 ? errno : 0;
    close(any);
    return error;
}

static int own_mounts(void)
{
    if (unshare(CLONE_NEWNS) < 0) return errno;
    return failed(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

/* A process that waits to be killed; "$child" is its number from here on. */
static int spawn(void)
{
    child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close_range(0, ~0U, 0);
        for (;;) pause();
    }
    return failed(child);
}

/* Opens through a ring: no system call names the path. */
static int ring_open(const char *name, const char *flags)
{
    struct io_uring_params params = {0};
    int ring = (int)syscall(SYS_io_uring_setup, 1, &params);
    if (ring < 0) return errno;
    char *sent = mmap(NULL, params.sq_off.array + sizeof(unsigned), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                      ring, IORING_OFF_SQ_RING);
    char *done = mmap(NULL, params.cq_off.cqes + 2 * sizeof(struct io_uring_cqe), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_CQ_RING);
    struct io_uring_sqe *entry = mmap(NULL, sizeof *entry, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring,
                                      IORING_OFF_SQES);
    if (sent == MAP_FAILED || done == MAP_FAILED || entry == MAP_FAILED) return errno;
    struct arguments path = {0};
    understand(&path, name);
    entry->opcode = IORING_OP_OPENAT;
    entry->fd = AT_FDCWD;
    entry->addr = (unsigned long)path.value[0];
    entry->open_flags = (unsigned)number_of(flags);
    *(unsigned *)(sent + params.sq_off.array) = 0;
    __atomic_store_n((unsigned *)(sent + params.sq_off.tail), 1, __ATOMIC_RELEASE);
    if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0) return errno;
    int result = ((struct io_uring_cqe *)(done + params.cq_off.cqes))->res;
    return result < 0 ? -result : 0;
}

/* Opens a file by its handle, beneath the directory that a descriptor stands for. */
static int open_by_handle(const char *name, const char *beneath, const char *flags)
{
    struct arguments path = {0};
    union { struct file_handle head; char space[sizeof(struct file_handle) + MAX_HANDLE_SZ]; } handle = {0};
    int mount_id;
    understand(&path, name);
    handle.head.handle_bytes = MAX_HANDLE_SZ;
    if (name_to_handle_at(AT_FDCWD, (char *)path.value[0], &handle.head, &mount_id, 0) < 0) return errno;
    return failed(open_by_handle_at((int)number_of(beneath), &handle.head, (int)number_of(flags)));
}

/* Copies a program into memory; descriptor 9 is the copy. */
static int program_in_memory(void)
{
    char content[65536];
    int from = open(in_tree("here/hello"), O_RDONLY), memory = (int)syscall(SYS_memfd_create, "program", 0);
    if (from < 0 || memory < 0) return errno;
    ssize_t length = read(from, content, sizeof content);
    if (length < 0 || write(memory, content, (size_t)length) != length) return EIO;
    close(from);
    return failed(dup2(memory, 9)) ? errno : failed(close(memory));
}

/* What takes more than one call; -1 when the word is none of these. */
static int special(char **word, int count)
{
    if (!strcmp(word[0], "own-network")) return own_network();
    if (!strcmp(word[0], "own-mounts")) return own_mounts();
    if (!strcmp(word[0], "spawn")) return spawn();
    if (!strcmp(word[0], "program-in-memory")) return program_in_memory();
    if (!strcmp(word[0], "ring-open") && count == 3) return ring_open(word[1], word[2]);
    if (!strcmp(word[0], "open-by-handle") && count == 4) return open_by_handle(word[1], word[2], word[3]);
    return -1;
}

int perform(const char *step)
{
    char *text = strcpy(lasting(LONGEST), step), *word[MOST_ARGUMENTS + 1] = {0}, *rest = NULL;
    struct arguments given = {0};
    int count = 0;

    for (char *part = strtok_r(text, " ", &rest); part; part = strtok_r(NULL, " ", &rest)) {
        if (count > MOST_ARGUMENTS) give_up("too many words", step);
        word[count++] = part;
    }
    if (!count) give_up("an empty step", step);
    int error = special(word, count);
    if (error >= 0) return error;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        if (strcmp(calls[i].name, word[0])) continue;
        for (int at = 1; at < count; at++) understand(&given, word[at]);
        const long *v = given.value;
        return failed(syscall(calls[i].number, v[0], v[1], v[2], v[3], v[4], v[5]));
    }
    give_up("no such call", step);
    return 0;
}
