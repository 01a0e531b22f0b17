// The way into emitted code and out of it. See emit.h for which registers hold what in between.
#include "x86/context.h"

        .intel_syntax noprefix
        .text

// void norn_x86_enter(Context* rdi, const void* rsi)
        .globl  norn_x86_enter
        .hidden norn_x86_enter
        .type   norn_x86_enter, @function
        .p2align 6
norn_x86_enter:
        push    rbp
        push    rbx
        push    r12
        push    r13
        push    r14
        push    r15
        mov     [rdi + NORN_CTX_HOST_RSP], rsp
        mov     [rdi + NORN_CTX_TARGET], rsi
        vzeroupper
        mov     rax, [rdi + NORN_CTX_FPU]
        cmp     byte ptr [rdi + NORN_CTX_X87_LOAD], 0
        jne     4f
        ldmxcsr [rax + 24]              // looking whether it must be loaded takes longer
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movaps  xmm\n, [rax + 160 + 16 * \n]
        .endr
1:      mov     rax, [rdi + NORN_CTX_FLAGS]
        add     al, 0x7f                // sets OF from bit 0
        sahf
        mov     rax, [rdi + NORN_CTX_GPR]
        mov     r14, [rdi + NORN_CTX_GPR + 8 * 1]
        mov     rdx, [rdi + NORN_CTX_GPR + 8 * 2]
        mov     rbx, [rdi + NORN_CTX_GPR + 8 * 3]
        mov     rsp, [rdi + NORN_CTX_GPR + 8 * 4]
        mov     rbp, [rdi + NORN_CTX_GPR + 8 * 5]
        mov     rsi, [rdi + NORN_CTX_GPR + 8 * 6]
        mov     r8, [rdi + NORN_CTX_GPR + 8 * 8]
        mov     r9, [rdi + NORN_CTX_GPR + 8 * 13]
        mov     r10, [rdi + NORN_CTX_GPR + 8 * 14]
        mov     r11, [rdi + NORN_CTX_GPR + 8 * 15]
        mov     r12, [rdi + NORN_CTX_GPR + 8 * 12]
        mov     r13, [rdi + NORN_CTX_BUDGET]
        mov     rdi, [rdi + NORN_CTX_GPR + 8 * 7]
        jmp     qword ptr gs:[NORN_CTX_TARGET]
4:      fxrstor64 [rax]
        mov     byte ptr [rdi + NORN_CTX_X87_LOAD], 0
        jmp     1b
        .size   norn_x86_enter, . - norn_x86_enter

// ecx names the exit, r15 is the address that it is about; all else is the guest's.
        .globl  norn_x86_leave
        .hidden norn_x86_leave
        .type   norn_x86_leave, @function
        .p2align 6
norn_x86_leave:
        mov     gs:[NORN_CTX_SITE], rcx
        mov     gs:[NORN_CTX_EA], r15
        mov     rcx, rdi
        mov     rdi, gs:[NORN_CTX_SELF]
        mov     [rdi + NORN_CTX_GPR], rax
        mov     [rdi + NORN_CTX_GPR + 8 * 1], r14
        mov     [rdi + NORN_CTX_GPR + 8 * 2], rdx
        mov     [rdi + NORN_CTX_GPR + 8 * 3], rbx
        mov     [rdi + NORN_CTX_GPR + 8 * 4], rsp
        mov     [rdi + NORN_CTX_GPR + 8 * 5], rbp
        mov     [rdi + NORN_CTX_GPR + 8 * 6], rsi
        mov     [rdi + NORN_CTX_GPR + 8 * 7], rcx
        mov     [rdi + NORN_CTX_GPR + 8 * 8], r8
        mov     [rdi + NORN_CTX_GPR + 8 * 13], r9
        mov     [rdi + NORN_CTX_GPR + 8 * 14], r10
        mov     [rdi + NORN_CTX_GPR + 8 * 15], r11
        mov     [rdi + NORN_CTX_GPR + 8 * 12], r12
        mov     [rdi + NORN_CTX_BUDGET], r13
        lahf
        seto    al
        movzx   eax, ax
        mov     [rdi + NORN_CTX_FLAGS], rax
        mov     rax, [rdi + NORN_CTX_FPU]
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movaps  [rax + 160 + 16 * \n], xmm\n
        .endr
        stmxcsr [rax + 24]
        ldmxcsr [rdi + NORN_CTX_HOST_MXCSR]
        mov     rsp, [rdi + NORN_CTX_HOST_RSP]
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbx
        pop     rbp
        ret
        .size   norn_x86_leave, . - norn_x86_leave
        .section .note.GNU-stack, "", @progbits
