/* shelfd CONFIG: a root master, workers of another user. SIGHUP: configuration, SIGUSR1: log, SIGTERM: end. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG "/var/log/shelf/shelf.log"
#define PID_FILE "/run/shelf/shelf.pid"
#define PLACE "/var/lib/shelf"
#define MOST 8

static struct { int port, workers; char user[64], greeting[128]; } config;
static volatile sig_atomic_t hang_up, reopen, ended;
static pid_t workers[MOST];
static int log_file = -1, listener;

static void noted(int signal_number)
{
    if (signal_number == SIGHUP) hang_up = 1;
    if (signal_number == SIGUSR1) reopen = 1;
    if (signal_number == SIGTERM) ended = 1;
}

static void on(int signal_number)
{
    struct sigaction action = {.sa_handler = noted};
    sigaction(signal_number, &action, NULL);
}

static void configure(const char *path)
{
    char line[256];
    FILE *file = fopen(path, "re");
    if (!file) err(1, "%s", path);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        sscanf(line, "port %d", &config.port);
        sscanf(line, "workers %d", &config.workers);
        sscanf(line, "user %63s", config.user);
        sscanf(line, "greeting %127[^\n]", config.greeting);
    }
    fclose(file);
    if (config.workers < 1 || config.workers > MOST) errx(1, "workers: 1 to %d", MOST);
}

static void open_log(void)
{
    if (log_file >= 0) close(log_file);
    log_file = open(LOG, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (log_file < 0) err(1, LOG);
}

static void become(const char *name)
{
    struct passwd *user = getpwnam(name);
    if (!user) errx(1, "no user %s", name);
    if (initgroups(name, user->pw_gid) || setresgid(user->pw_gid, user->pw_gid, user->pw_gid)
        || setresuid(user->pw_uid, user->pw_uid, user->pw_uid))
        err(1, "cannot become %s", name);
}

static void put(const char *name, const char *text, FILE *peer)
{
    char fresh[300], place[300];
    snprintf(fresh, sizeof fresh, PLACE "/.%s.new", name);
    snprintf(place, sizeof place, PLACE "/%s", name);
    FILE *file = fopen(fresh, "we");
    if (file && fprintf(file, "%s\n", text) > 0 && fclose(file) == 0 && rename(fresh, place) == 0)
        fprintf(peer, "kept\n");
    else
        fprintf(peer, "failed: %s\n", strerror(errno));
}

static void get(const char *name, FILE *peer)
{
    char place[300], text[512] = "";
    snprintf(place, sizeof place, PLACE "/%s", name);
    FILE *file = fopen(place, "re");
    if (file && fgets(text, sizeof text, file))
        fprintf(peer, "%s", text);
    else
        fprintf(peer, "absent\n");
    if (file) fclose(file);
}

static void serve(FILE *peer)
{
    char line[512], name[128], text[256];
    if (!fgets(line, sizeof line, peer)) return;
    dprintf(log_file, "%s", line);
    if (strchr(line, '/'))
        fprintf(peer, "no\n");
    else if (sscanf(line, "PUT %127s %255[^\n]", name, text) == 2)
        put(name, text, peer);
    else if (sscanf(line, "GET %127s", name) == 1)
        get(name, peer);
    else
        fprintf(peer, "%s\n", config.greeting);
}

static void work(const sigset_t *open_set)
{
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    signal(SIGUSR1, SIG_DFL);
    sigprocmask(SIG_SETMASK, open_set, NULL);
    become(config.user);
    for (;;) {
        int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        FILE *peer = descriptor < 0 ? NULL : fdopen(descriptor, "r+");
        if (peer) {
            serve(peer);
            fclose(peer);
        }
    }
}

static void listen_there(void)
{
    int yes = 1;
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(config.port)};
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&there, sizeof there) || listen(listener, 16)) err(1, "listen");
}

static void staff(const sigset_t *open_set)
{
    for (int i = 0; i < config.workers; i++)
        if ((workers[i] = fork()) == 0) work(open_set);
}

static void dismiss(int count)
{
    for (int i = 0; i < count; i++) kill(workers[i], SIGTERM);
    for (int i = 0; i < count; i++) waitpid(workers[i], NULL, 0);
}

int main(int argc, char **argv)
{
    sigset_t held, open_set;
    if (argc != 2) errx(2, "usage: shelfd CONFIG");
    configure(argv[1]);
    open_log();
    listen_there();
    FILE *file = fopen(PID_FILE, "we");
    if (!file || fprintf(file, "%d\n", getpid()) < 0 || fclose(file)) err(1, PID_FILE);
    sigfillset(&held);
    sigprocmask(SIG_BLOCK, &held, &open_set);
    on(SIGHUP);
    on(SIGUSR1);
    on(SIGTERM);
    for (int count = 0; !ended; dismiss(count)) {
        if (hang_up) configure(argv[1]);
        if (reopen) open_log();
        if (reopen) dprintf(log_file, "reopened\n");
        hang_up = reopen = 0;
        count = config.workers;
        staff(&open_set);
        while (!ended && !hang_up && !reopen) sigsuspend(&open_set);
    }
    unlink(PID_FILE);
    return 0;
}
