# The process that holds a pod's namespaces: waits for SIGTERM or SIGINT and ends with 0. As PID 1 of a shared
# PID namespace it gets the orphans of the pod; ignoring SIGCHLD makes the kernel reap them.
# tools/generate_pause.py makes pause-x86_64.hex of it. Position independent, no stack, no data.
    .intel_syntax noprefix
    .text
    .globl _start
_start:
    mov eax, 13                     # rt_sigaction(SIGCHLD, SIG_IGN, 0, 8)
    mov edi, 17
    lea rsi, [rip + ignore]
    xor edx, edx
    mov r10d, 8
    syscall
    mov eax, 14                     # rt_sigprocmask(SIG_BLOCK, signals, 0, 8)
    xor edi, edi
    lea rsi, [rip + signals]
    xor edx, edx
    mov r10d, 8
    syscall
wait:
    mov eax, 128                    # rt_sigtimedwait(signals, 0, 0, 8)
    lea rdi, [rip + signals]
    xor esi, esi
    xor edx, edx
    mov r10d, 8
    syscall
    test eax, eax                   # interrupted, for example by a debugger: wait again
    js wait
    mov eax, 231                    # exit_group(0)
    xor edi, edi
    syscall
    .balign 8
ignore:                             # struct sigaction of the kernel: handler, flags, restorer, mask
    .quad 1, 0, 0, 0
signals:                            # SIGINT is bit 1, SIGTERM is bit 14
    .quad 0x4002
