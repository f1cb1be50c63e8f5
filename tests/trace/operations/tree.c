/* The files that the operations find. Made anew before each operation. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "operations.h"

static void must(int result, const char *name)
{
    if (result < 0) give_up(strerrorname_np(errno), name);
}

static int drop(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static void file(const char *name, const char *content, mode_t mode)
{
    int descriptor = open(in_tree(name), O_WRONLY | O_CREAT | O_EXCL, mode);
    must(descriptor, name);
    must(write(descriptor, content, strlen(content)) == (ssize_t)strlen(content) ? 0 : -1, name);
    close(descriptor);
}

static void program(const char *name)
{
    char path[LONGEST + 16];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", root, name);
    int from = open(path, O_RDONLY);
    must(from, path);
    must(fstat(from, &status), path);
    snprintf(path, sizeof path, "here/%s", name);
    int to = open(in_tree(path), O_WRONLY | O_CREAT | O_EXCL, 0755);
    must(to, path);
    must(sendfile(to, from, NULL, (size_t)status.st_size) == status.st_size ? 0 : -1, path);
    close(to);
    close(from);
}

static void script(const char *name, const char *interpreter)
{
    char text[LONGEST + 16];
    snprintf(text, sizeof text, "#!%s\n", in_tree(interpreter));
    file(name, text, 0755);
}

static void socket_file(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int made = socket(AF_UNIX, SOCK_STREAM, 0);
    must(made, name);
    if (strlen(in_tree(name)) >= sizeof address.sun_path) give_up("ROOT is too long for a socket", root);
    strcpy(address.sun_path, in_tree(name));
    must(bind(made, (struct sockaddr *)&address, sizeof address), name);
    close(made);
}

void prepare_tree(void)
{
    static const char *const directory[] = {"", "here", "here/sub", "here/empty", "there", "there/sub", "there/empty"};

    nftw(in_tree(""), drop, 16, FTW_DEPTH | FTW_PHYS);
    for (size_t i = 0; i < sizeof directory / sizeof *directory; i++)
        must(mkdir(in_tree(directory[i]), 0755), directory[i]);
    must(mkdir(in_tree("closed"), 0700), "closed");
    must(mkdir(in_tree("public"), 0755), "public");
    must(chmod(in_tree("public"), 0777), "public");
    file("here/file", "some text\n", 0644);
    file("here/other", "other text\n", 0644);
    file("here/sub/file", "deeper\n", 0644);
    file("here/secret", "for its owner\n", 0600);
    file("here/junk", "no program\n", 0755);
    file("there/file", "far text\n", 0644);
    file("there/sub/file", "far and deep\n", 0644);
    must(symlink("file", in_tree("here/link")), "here/link");
    must(symlink("sub", in_tree("here/lane")), "here/lane");
    must(symlink("loop", in_tree("here/loop")), "here/loop");
    must(symlink("../there/new", in_tree("here/dangling")), "here/dangling");
    must(symlink("../there/file", in_tree("here/across")), "here/across");
    must(mkfifo(in_tree("here/pipe"), 0644), "here/pipe");
    socket_file("here/socket");
    program("hello");
    program("greeter");
    script("here/script", "here/hello");
    script("here/nested", "here/script");
    script("here/shown", "here/greeter");
    script("here/orphan", "here/none");
}
