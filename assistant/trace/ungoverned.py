"""System calls that no right of Landlock governs and that change nothing which later lines rest on.

Their lines are ignored by rule. A name that stands neither here nor with a family is not understood, and
counted as such: a newer kernel may have brought a call that matters. Source: the kernel's system call tables
of x86_64, i386 and the generic one up to 7.2.
"""

_BY_TOPIC = {
    "reading and writing what is open: the rights were taken when it was opened": (
        "read write pread64 pwrite64 readv writev preadv pwritev preadv2 pwritev2 lseek _llseek llseek",
        "sendfile sendfile64 splice tee vmsplice copy_file_range fsync fdatasync sync syncfs",
        "sync_file_range sync_file_range2 fallocate fadvise64 fadvise64_64 readahead flock lock fstatfs",
        "fstatfs64 fchmod fchown fchown32 fsetxattr fgetxattr flistxattr fremovexattr name_to_handle_at",
        "cachestat file_getattr file_setattr",
    ),
    "what files are like, and watching them": (
        "chmod fchmodat fchmodat2 chown chown32 lchown lchown32 fchownat utime utimes futimesat utimensat",
        "utimensat_time64 setxattr lsetxattr setxattrat getxattr lgetxattr getxattrat listxattr llistxattr",
        "listxattrat removexattr lremovexattr removexattrat inotify_init inotify_init1 inotify_add_watch",
        "inotify_rm_watch fanotify_init fanotify_mark umask quotactl quotactl_fd statmount listmount listns",
        "ustat sysfs lookup_dcookie",
    ),
    "memory and what is shared through it": (
        "mmap mmap2 munmap mprotect pkey_mprotect pkey_alloc pkey_free mremap msync mincore madvise",
        "process_madvise process_mrelease mlock mlock2 munlock mlockall munlockall brk mbind set_mempolicy",
        "get_mempolicy set_mempolicy_home_node migrate_pages move_pages remap_file_pages mseal",
        "map_shadow_stack membarrier userfaultfd memfd_secret shmget shmat shmctl shmdt semget semop semctl",
        "semtimedop semtimedop_time64 msgget msgsnd msgrcv msgctl ipc mq_open mq_unlink mq_timedsend",
        "mq_timedreceive mq_notify mq_getsetattr mq_timedsend_time64 mq_timedreceive_time64",
    ),
    "waiting for descriptors": (
        "poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 epoll_create epoll_create1",
        "epoll_ctl epoll_wait epoll_pwait epoll_pwait2 epoll_ctl_old epoll_wait_old eventfd eventfd2",
        "signalfd signalfd4 timerfd_create timerfd_settime timerfd_gettime timerfd_settime64",
        "timerfd_gettime64 io_setup io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_submit",
        "io_cancel io_uring_enter io_uring_register",
    ),
    "threads, scheduling and children": (
        "futex futex_time64 futex_waitv futex_wake futex_wait futex_requeue set_robust_list get_robust_list",
        "set_tid_address rseq rseq_slice_yield sched_yield sched_setparam sched_getparam sched_setscheduler",
        "sched_getscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval",
        "sched_rr_get_interval_time64 sched_setaffinity sched_getaffinity sched_setattr sched_getattr",
        "getpriority setpriority nice ioprio_set ioprio_get getcpu exit exit_group wait4 waitid waitpid",
        "restart_syscall pause",
    ),
    "receiving signals, and time": (
        "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigtimedwait_time64",
        "rt_sigsuspend sigaltstack sigaction sigprocmask sigreturn sigpending sigsuspend signal sgetmask",
        "ssetmask nanosleep clock_nanosleep clock_nanosleep_time64 clock_gettime clock_gettime64",
        "clock_settime clock_settime64 clock_getres clock_getres_time64 clock_adjtime clock_adjtime64",
        "adjtimex gettimeofday settimeofday time stime ftime times alarm getitimer setitimer timer_create",
        "timer_settime timer_gettime timer_getoverrun timer_delete timer_settime64 timer_gettime64 prof",
        "profil",
    ),
    "who the process is and what it may use": (
        "getpid gettid getppid getpgid getpgrp setpgid getsid setsid getuid geteuid getgid getegid getuid32",
        "geteuid32 getgid32 getegid32 getgroups getgroups32 setgroups setgroups32 setuid setuid32 setgid",
        "setgid32 setreuid setreuid32 setregid setregid32 setresuid setresuid32 getresuid getresuid32",
        "setresgid setresgid32 getresgid getresgid32 setfsuid setfsuid32 setfsgid setfsgid32 capget capset",
        "arch_prctl personality getrlimit setrlimit ugetrlimit ulimit prlimit64 getrusage uname olduname",
        "oldolduname sysinfo getrandom kcmp add_key request_key keyctl lsm_get_self_attr lsm_set_self_attr",
        "lsm_list_modules landlock_add_rule landlock_create_ruleset uretprobe uprobe modify_ldt",
        "set_thread_area get_thread_area iopl ioperm vm86 vm86old idle vhangup riscv_flush_icache",
        "riscv_hwprobe",
    ),
    "sockets, but for the addresses that they are bound to, connected to and sent to": (
        "recv recvfrom shutdown getsockname getpeername setsockopt getsockopt",
    ),
    "the machine": (
        "syslog reboot sethostname setdomainname create_module init_module finit_module delete_module",
        "get_kernel_syms query_module kexec_load kexec_file_load nfsservctl getpmsg putpmsg afs_syscall",
        "tuxcall security vserver break gtty stty mpx bdflush perf_event_open bpf swapoff _sysctl fsopen",
        "fsconfig fsmount fspick",
    ),
}
UNGOVERNED = frozenset(name for lines in _BY_TOPIC.values() for line in lines for name in line.split())
