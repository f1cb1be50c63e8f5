/* The words of a step, made into the arguments of a system call.
 *
 *   @name   the absolute path of a name in the tree; "@" is the tree itself
 *   :text   the text as it is; ":" is the empty string
 *   none    NULL          room     4 KiB of zeroes         data   four bytes of text          one   an int of 1
 *   argv    an argument vector with one name               pair   room for two descriptors
 *   in4:PORT in6:PORT unix@name unix:text abstract:name unspec     a socket address and its length
 *   how:FLAGS how:FLAGS:RESOLVE                                    a struct open_how and its size
 *   to=ADDRESS pass=DESCRIPTOR take                                a struct msghdr
 *   $child $parent    a process        anything else: numbers and names of flags, with "|" between
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <linux/random.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "operations.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#define FLAG(name) {#name, name}

static const struct { const char *name; long value; } flags[] = {
    FLAG(AT_EMPTY_PATH), FLAG(AT_FDCWD), FLAG(AT_REMOVEDIR), FLAG(AT_SYMLINK_FOLLOW), FLAG(AT_SYMLINK_NOFOLLOW),
    FLAG(AF_INET), FLAG(AF_INET6), FLAG(AF_UNIX), FLAG(AF_NETLINK), FLAG(CLONE_NEWNS), FLAG(CLONE_NEWUSER),
    FLAG(FALLOC_FL_KEEP_SIZE), FLAG(FALLOC_FL_PUNCH_HOLE), FLAG(FIOCLEX), FLAG(FIONBIO), FLAG(FIONREAD), FLAG(F_DUPFD),
    FLAG(F_GETFL), FLAG(IN_MODIFY), FLAG(IPPROTO_MPTCP), FLAG(IPPROTO_TCP), FLAG(IPPROTO_UDP), FLAG(LOCK_EX),
    FLAG(MAP_PRIVATE), FLAG(MNT_DETACH), FLAG(MSG_FASTOPEN), FLAG(MS_BIND), FLAG(MS_RDONLY), FLAG(MS_REMOUNT),
    FLAG(O_ACCMODE), FLAG(O_APPEND), FLAG(O_CLOEXEC), FLAG(O_CREAT), FLAG(O_DIRECTORY), FLAG(O_EXCL), FLAG(O_NOCTTY),
    FLAG(O_NOFOLLOW), FLAG(O_NONBLOCK), FLAG(O_PATH), FLAG(O_RDONLY), FLAG(O_RDWR), FLAG(O_TMPFILE), FLAG(O_TRUNC),
    FLAG(O_WRONLY), FLAG(PROT_EXEC), FLAG(PROT_READ), FLAG(RENAME_EXCHANGE), FLAG(RENAME_NOREPLACE),
    FLAG(RENAME_WHITEOUT), FLAG(RESOLVE_BENEATH), FLAG(RESOLVE_IN_ROOT), FLAG(RESOLVE_NO_SYMLINKS), FLAG(RNDGETENTCNT),
    FLAG(SIGKILL), FLAG(SOCK_DGRAM), FLAG(SOCK_NONBLOCK), FLAG(SOCK_RAW), FLAG(SOCK_SEQPACKET), FLAG(SOCK_STREAM),
    FLAG(SOL_SOCKET), FLAG(SO_REUSEADDR), FLAG(S_IFBLK), FLAG(S_IFCHR), FLAG(S_IFIFO), FLAG(S_IFREG), FLAG(S_IFSOCK),
    FLAG(TCGETS), FLAG(TCP_FASTOPEN_CONNECT), FLAG(TIOCGWINSZ), FLAG(FS_IOC_GETFLAGS), FLAG(OPEN_TREE_CLONE), FLAG(MOVE_MOUNT_F_EMPTY_PATH),
    FLAG(FSCONFIG_CMD_CREATE),
};

long number_of(const char *word)
{
    char *text = strcpy(lasting(LONGEST), word), *rest = NULL;
    long whole = 0;
    for (char *part = strtok_r(text, "|", &rest); part; part = strtok_r(NULL, "|", &rest)) {
        char *end;
        long value = strtol(part, &end, 0);
        size_t i = 0;
        if (*end) {
            while (i < sizeof flags / sizeof *flags && strcmp(flags[i].name, part)) i++;
            if (i == sizeof flags / sizeof *flags) give_up("no such word", word);
            value = flags[i].value;
        }
        whole |= value;
    }
    return whole;
}

static void add(struct arguments *given, const void *pointer, long size)
{
    if (given->count + 2 > MOST_ARGUMENTS) give_up("too many arguments", "");
    given->value[given->count++] = (long)pointer;
    if (size >= 0) given->value[given->count++] = size;
}

static void add_internet(struct arguments *given, const char *word)
{
    in_port_t port = htons((unsigned short)atoi(word + 4));
    if (word[2] == '4') {
        struct sockaddr_in *address = lasting(sizeof *address);
        *address = (struct sockaddr_in){AF_INET, port, {htonl(INADDR_LOOPBACK)}, {0}};
        add(given, address, sizeof *address);
    } else {
        struct sockaddr_in6 *address = lasting(sizeof *address);
        *address = (struct sockaddr_in6){AF_INET6, port, 0, IN6ADDR_LOOPBACK_INIT, 0};
        add(given, address, sizeof *address);
    }
}

static void add_unix(struct arguments *given, const char *name, int abstract)
{
    struct sockaddr_un *address = lasting(sizeof *address);
    size_t length = strlen(name);
    address->sun_family = AF_UNIX;
    if (length + 2 > sizeof address->sun_path) give_up("too long for a socket", name);
    memcpy(address->sun_path + abstract, name, length);
    add(given, address, (long)(offsetof(struct sockaddr_un, sun_path) + length + 1));
}

/* Whether the word is a socket address. */
static int add_address(struct arguments *given, const char *word)
{
    if (!strncmp(word, "in4:", 4) || !strncmp(word, "in6:", 4)) add_internet(given, word);
    else if (!strncmp(word, "unix@", 5)) add_unix(given, in_tree(word + 5), 0);
    else if (!strncmp(word, "unix:", 5)) add_unix(given, word + 5, 0);
    else if (!strncmp(word, "abstract:", 9)) add_unix(given, word + 9, 1);
    else if (!strcmp(word, "unspec")) add(given, lasting(sizeof(struct sockaddr)), sizeof(struct sockaddr));
    else return 0;
    return 1;
}

static void add_how(struct arguments *given, const char *word)
{
    struct open_how *how = lasting(sizeof *how);
    char *text = strcpy(lasting(LONGEST), word), *resolve = strchr(text, ':');
    if (resolve) *resolve++ = 0;
    how->flags = (unsigned long long)number_of(text);
    how->mode = how->flags & (O_CREAT | __O_TMPFILE) ? 0600 : 0;
    how->resolve = resolve ? (unsigned long long)number_of(resolve) : 0;
    add(given, how, sizeof *how);
}

static struct msghdr *message(void)
{
    struct mmsghdr *whole = lasting(sizeof *whole);
    struct iovec *vector = lasting(sizeof *vector);
    *vector = (struct iovec){lasting(16), 4};
    whole->msg_hdr.msg_iov = vector;
    whole->msg_hdr.msg_iovlen = 1;
    return &whole->msg_hdr;
}

static void add_message(struct arguments *given, const char *word)
{
    struct msghdr *made = message();
    if (!strncmp(word, "to=", 3)) {
        struct arguments address = {0};
        if (!add_address(&address, word + 3)) give_up("no address", word);
        made->msg_name = (void *)address.value[0];
        made->msg_namelen = (socklen_t)address.value[1];
    } else {
        made->msg_control = lasting(CMSG_SPACE(sizeof(int)));
        made->msg_controllen = CMSG_SPACE(sizeof(int));
    }
    if (!strncmp(word, "pass=", 5)) {
        struct cmsghdr *head = CMSG_FIRSTHDR(made);
        int descriptor = atoi(word + 5);
        *head = (struct cmsghdr){CMSG_LEN(sizeof descriptor), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
    }
    add(given, made, -1);
}

static void add_argv(struct arguments *given)
{
    char **vector = lasting(2 * sizeof *vector);
    vector[0] = "program";
    add(given, vector, -1);
}

void understand(struct arguments *given, const char *word)
{
    if (add_address(given, word)) return;
    if (*word == '@') add(given, in_tree(word + 1), -1);
    else if (*word == ':') add(given, strcpy(lasting(LONGEST), word + 1), -1);
    else if (!strcmp(word, "none")) add(given, NULL, -1);
    else if (!strcmp(word, "room")) add(given, lasting(LONGEST), -1);
    else if (!strcmp(word, "data")) add(given, strcpy(lasting(8), "text"), -1);
    else if (!strcmp(word, "one")) add(given, memcpy(lasting(sizeof(int)), &(int){1}, sizeof(int)), -1);
    else if (!strcmp(word, "argv")) add_argv(given);
    else if (!strcmp(word, "pair")) add(given, lasting(2 * sizeof(int)), -1);
    else if (!strncmp(word, "how:", 4)) add_how(given, word + 4);
    else if (!strncmp(word, "to=", 3) || !strncmp(word, "pass=", 5) || !strcmp(word, "take")) add_message(given, word);
    else if (!strcmp(word, "$child")) given->value[given->count++] = child;
    else if (!strcmp(word, "$parent")) given->value[given->count++] = getppid();
    else given->value[given->count++] = number_of(word);
}
