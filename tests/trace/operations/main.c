/* Performs one operation, step by step, each step one raw system call: no library stands between.
 *
 *   operations ROOT trace [before STEP]... [step STEP]... -- STRACE ARGUMENT...
 *       Prepares the tree, performs the steps before, and becomes strace on "operations ROOT perform".
 *   operations ROOT perform CHILD STEP...
 *       Performs the steps. Prints one word each: ok, or an errno's name. Ends at the first failure, unless
 *       the step begins with "?".
 *   operations ROOT serve
 *       Reads requests from stdin (see serve) and answers each with one line, the steps' words. Each request
 *       is performed by a child of its own on a tree of its own, in a sandbox if it asks for one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "operations.h"

char root[LONGEST];
long child;

enum { REPORT = 1, PATIENCE = 10 };

struct request {
    int befores, steps;
    char before[MOST_STEPS][LONGEST], step[MOST_STEPS][LONGEST];
    struct sandbox box;
};

void give_up(const char *what, const char *about)
{
    dprintf(2, "operations: %s: %s\n", what, about);
    dprintf(REPORT, "unusable (%s: %s)\n", what, about);
    _exit(99);
}

static char memory[1 << 20];
static size_t used;

void *lasting(size_t size)
{
    void *given = memory + used;
    used += (size + 15) & ~(size_t)15;
    if (used > sizeof memory) give_up("no memory", "");
    return given;
}

/* The server would grow with each tree, and a large process is slow to fork. */
static void forget(void)
{
    memset(memory, 0, used);
    used = 0;
}

char *in_tree(const char *name)
{
    char *path = lasting(LONGEST);
    snprintf(path, LONGEST, *name ? "%s/tree/%s" : "%s/tree", root, name);
    return path;
}

static void perform_all(char step[][LONGEST], int steps)
{
    for (int i = 0; i < steps; i++) {
        const char *text = step[i];
        int may_fail = *text == '?';
        int error = perform(text + may_fail);
        const char *name = error ? strerrorname_np(error) : "ok";
        if (write(REPORT, name, strlen(name)) < 0 || write(REPORT, " ", 1) < 0) _exit(98);
        if (error && !may_fail) return;
    }
}

/* What comes before must work: a row that is not what it says is no row. */
static void perform_before(struct request *request)
{
    for (int i = 0; i < request->befores; i++) {
        int error = perform(request->before[i]);
        if (error) give_up(request->before[i], strerrorname_np(error));
    }
}

static void keep(char list[][LONGEST], int *count, const char *text)
{
    if (*count == MOST_STEPS) give_up("too many steps", text);
    snprintf(list[(*count)++], LONGEST, "%s", text);
}

/* Descriptors 3 and up are the operation's: fixtures and sandboxed runs see the same numbers. */
static void plain_descriptors(int report)
{
    int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(null, 2);
    if (report != REPORT) dup2(report, REPORT);
    close_range(3, ~0U, 0);
}

static void in_child(struct request *request, int report)
{
    plain_descriptors(report);
    alarm(PATIENCE);
    if (chdir(in_tree("")) < 0) give_up("chdir", "tree");
    perform_before(request);
    if (request->box.wanted) {
        const char *wrong = enforce(&request->box);
        if (wrong) {
            dprintf(REPORT, "%s", wrong);
            _exit(0);
        }
    }
    perform_all(request->step, request->steps);
    _exit(0);
}

static void answer(struct request *request)
{
    int end[2];
    char said[LONGEST];
    size_t length = 0;
    ssize_t got;

    forget();
    prepare_tree();
    if (pipe2(end, O_CLOEXEC) < 0) give_up("pipe", "");
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) in_child(request, end[1]);
    close(end[1]);
    while ((got = read(end[0], said + length, sizeof said - 1 - length)) > 0) length += (size_t)got;
    close(end[0]);
    waitpid(pid, NULL, 0);
    said[length] = 0;
    said[strcspn(said, "\n")] = 0;
    printf("%s\n", said);
    fflush(stdout);
}

/* Requests are lines: "before STEP", "step STEP", "handled FS NET SCOPE" (asks for a sandbox), "fs RIGHTS PATH",
 * "without RIGHTS PATH", "net RIGHTS PORT"; "go" ends one. */
static void serve(void)
{
    static struct request request;
    char line[LONGEST];

    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        char *rest = strchr(line, ' ');
        if (rest) *rest++ = 0;
        struct sandbox *box = &request.box;
        unsigned long long rights, port;
        int at = 0;
        if (!strcmp(line, "go")) {
            answer(&request);
            memset(&request, 0, sizeof request);
        } else if (!strcmp(line, "before")) {
            keep(request.before, &request.befores, rest);
        } else if (!strcmp(line, "step")) {
            keep(request.step, &request.steps, rest);
        } else if (!strcmp(line, "handled")) {
            box->wanted = sscanf(rest, "%llu %llu %llu", &box->handled_fs, &box->handled_net, &box->scoped) == 3;
        } else if (!strcmp(line, "fs") && box->paths < MOST_RULES && sscanf(rest, "%llu %n", &rights, &at) == 1) {
            snprintf(box->path[box->paths].path, LONGEST, "%s", rest + at);
            box->path[box->paths++].rights = rights;
        } else if (!strcmp(line, "without") && sscanf(rest, "%llu %n", &rights, &at) == 1) {
            snprintf(box->without.path, LONGEST, "%s", rest + at);
            box->without.rights = rights;
        } else if (!strcmp(line, "net") && box->ports < MOST_RULES && sscanf(rest, "%llu %llu", &rights, &port) == 2) {
            box->port[box->ports].rights = rights;
            box->port[box->ports++].port = port;
        } else {
            give_up("a request that is none", line);
        }
    }
}

static int trace(int count, char **word)
{
    static struct request request;
    char **command = NULL;

    for (int i = 0; i + 1 < count && !command; i += 2) {
        if (!strcmp(word[i], "before")) keep(request.before, &request.befores, word[i + 1]);
        else if (!strcmp(word[i], "step")) keep(request.step, &request.steps, word[i + 1]);
        else if (!strcmp(word[i], "--")) command = word + i + 1;
        else give_up("neither before, step nor --", word[i]);
    }
    if (!command) give_up("no command", "");
    prepare_tree();
    plain_descriptors(REPORT);
    if (chdir(in_tree("")) < 0) give_up("chdir", "tree");
    perform_before(&request);

    char **whole = lasting(256 * sizeof *whole), *program = lasting(2 * LONGEST);
    int length = 0;
    snprintf(program, 2 * LONGEST, "%s/operations", root);
    while (*command && length < 200) whole[length++] = *command++;
    whole[length++] = program;
    whole[length++] = root;
    whole[length++] = "perform";
    whole[length] = lasting(32);
    snprintf(whole[length++], 32, "%ld", child);
    for (int i = 0; i < request.steps; i++) whole[length++] = request.step[i];
    environ[0] = NULL;
    execvp(whole[0], whole);
    give_up("cannot start", whole[0]);
    return 1;
}

int main(int count, char **word)
{
    umask(022);
    signal(SIGPIPE, SIG_IGN);
    if (count < 3 || strlen(word[1]) > LONGEST / 2) give_up("usage", "operations ROOT trace|perform|serve ...");
    strcpy(root, word[1]);
    if (!strcmp(word[2], "serve")) {
        serve();
    } else if (!strcmp(word[2], "trace")) {
        return trace(count - 3, word + 3);
    } else if (!strcmp(word[2], "perform") && count > 3) {
        static struct request request;
        child = atol(word[3]);
        for (int i = 4; i < count; i++) keep(request.step, &request.steps, word[i]);
        perform_all(request.step, request.steps);
    } else {
        give_up("usage", word[2]);
    }
    return 0;
}
