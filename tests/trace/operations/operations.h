/* What the parts of the operations program share. See main.c for what it is. */
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include <stddef.h>

enum { MOST_STEPS = 24, MOST_ARGUMENTS = 8, MOST_RULES = 32, LONGEST = 4096 };

/* One step's text cut into words, made into what the system call takes. */
struct arguments {
    long value[MOST_ARGUMENTS];
    int count;
};

/* Where everything happens: ROOT holds this program, ROOT/tree the files. */
extern char root[LONGEST];
extern long child;

/* Zeroed memory that lives as long as the operation. */
void *lasting(size_t size);
/* The absolute path of a name in the tree. */
char *in_tree(const char *name);

/* words.c: a word to its arguments; ends the program at a word it does not know. */
void understand(struct arguments *given, const char *word);
long number_of(const char *word);

/* calls.c: performs one step; 0 or an errno. */
int perform(const char *step);

/* tree.c: the files as they are before each operation. */
void prepare_tree(void);

/* sandbox.c */
struct sandbox {
    int wanted;
    unsigned long long handled_fs, handled_net, scoped;
    int paths, ports;
    struct { char path[LONGEST]; unsigned long long rights; } path[MOST_RULES];
    struct { unsigned long long port, rights; } port[MOST_RULES];
    struct { char path[LONGEST]; unsigned long long rights; } without;
};
/* Restricts this process; NULL, or what went wrong. A rule is bound to its path, or to the nearest directory
 * above it that exists now. The rights in "without" are taken from every rule that is bound where its path is. */
const char *enforce(struct sandbox *box);

void give_up(const char *what, const char *about);

#endif
