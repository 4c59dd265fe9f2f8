// The process that holds a pod's namespaces, as in pause-x86_64.S.
// tools/generate_pause.py makes pause-aarch64.hex of it.
    .text
    .globl _start
_start:
    mov x8, #134                    // rt_sigaction(SIGCHLD, SIG_IGN, 0, 8)
    mov x0, #17
    adr x1, ignore
    mov x2, #0
    mov x3, #8
    svc #0
    mov x8, #135                    // rt_sigprocmask(SIG_BLOCK, signals, 0, 8)
    mov x0, #0
    adr x1, signals
    mov x2, #0
    mov x3, #8
    svc #0
wait:
    mov x8, #137                    // rt_sigtimedwait(signals, 0, 0, 8)
    adr x0, signals
    mov x1, #0
    mov x2, #0
    mov x3, #8
    svc #0
    tbnz w0, #31, wait
    mov x8, #94                     // exit_group(0)
    mov x0, #0
    svc #0
    .balign 8
ignore:
    .quad 1, 0, 0, 0
signals:
    .quad 0x4002
