/* A Landlock ruleset straight from the request, and nothing else: no library, no best effort. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "operations.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum { PATH_BENEATH = 1, NET_PORT = 2, LOG_SAME_EXEC_OFF = 1 };

struct ruleset { unsigned long long fs, net, scoped; };
struct beneath { unsigned long long rights; int parent; } __attribute__((packed));
struct port { unsigned long long rights, port; };

/* The descriptor a rule on the path is bound to. What does not exist yet is reached by its directory's rule. */
static int anchor(const char *path)
{
    char at[LONGEST];
    snprintf(at, sizeof at, "%s", path);
    for (;;) {
        int descriptor = open(at, O_PATH | O_CLOEXEC);
        char *slash = strrchr(at, '/');
        if (descriptor >= 0 || (errno != ENOENT && errno != ENOTDIR) || !slash) return descriptor;
        if (slash == at) slash++;
        if (!*slash) return -1;
        *slash = 0;
    }
}

static int same(const char *one, const char *other)
{
    struct stat left, right;
    int a = anchor(one), b = anchor(other);
    int equal = a >= 0 && b >= 0 && !fstat(a, &left) && !fstat(b, &right) && left.st_dev == right.st_dev &&
                left.st_ino == right.st_ino;
    close(a);
    close(b);
    return equal;
}

/* The kernel joins the rules on one object, so a right is taken from every rule on it. */
static void take(struct sandbox *box)
{
    for (int i = 0; i < box->paths; i++)
        if (same(box->path[i].path, box->without.path)) box->path[i].rights &= ~box->without.rights;
}

static const char *wrong(const char *what, const char *about)
{
    static char text[2 * LONGEST];
    snprintf(text, sizeof text, "%s (%s: %s)", what, about, strerrorname_np(errno));
    return text;
}

const char *enforce(struct sandbox *box)
{
    if (box->without.rights) take(box);
    struct ruleset all = {box->handled_fs, box->handled_net, box->scoped};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
    if (ruleset < 0) return wrong("no ruleset", "");
    for (int i = 0; i < box->paths; i++) {
        struct beneath rule = {box->path[i].rights & box->handled_fs, anchor(box->path[i].path)};
        if (!rule.rights) {
            close(rule.parent);
            continue;
        }
        if (rule.parent < 0 || syscall(SYS_landlock_add_rule, ruleset, PATH_BENEATH, &rule, 0))
            return wrong("no rule", box->path[i].path);
        close(rule.parent);
    }
    for (int i = 0; i < box->ports; i++) {
        struct port rule = {box->port[i].rights & box->handled_net, box->port[i].port};
        if (rule.rights && syscall(SYS_landlock_add_rule, ruleset, NET_PORT, &rule, 0))
            return wrong("no rule", "port");
    }
    /* Some hundred denials are the point here: they need not fill the machine's audit log. */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        (syscall(SYS_landlock_restrict_self, ruleset, LOG_SAME_EXEC_OFF) &&
         (errno != EINVAL || syscall(SYS_landlock_restrict_self, ruleset, 0))))
        return wrong("not restricted", "");
    close(ruleset);
    return NULL;
}
