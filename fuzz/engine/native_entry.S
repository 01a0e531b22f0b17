// Entry to and exits from guest code on the host processor. The control block lies at a fixed
// address below 2 GiB, so that it can be addressed without a register. Its layout is struct
// Control in native.cc.

.set CTL, 0x6b7d5000
.set IN_GPR, CTL
.set IN_RIP, CTL + 128
.set IN_RFLAGS, CTL + 136
.set IN_FS, CTL + 144
.set IN_GS, CTL + 152
.set HOST_RSP, CTL + 160
.set HOST_FS, CTL + 168
.set HOST_GS, CTL + 176
.set RESUME, CTL + 184
.set EXIT, CTL + 192
.set ACTIVE, CTL + 200
.set HOST_MXCSR, CTL + 208
.set OUT_GPR, CTL + 256
.set OUT_RFLAGS, CTL + 384
.set IN_FX, CTL + 512
.set OUT_FX, CTL + 1024
.set OUT_SAVED_RSP, OUT_GPR + 32

.macro for_all_registers_but_rsp what
    \what rax, 0
    \what rcx, 8
    \what rdx, 16
    \what rbx, 24
    \what rbp, 40
    \what rsi, 48
    \what rdi, 56
    \what r8, 64
    \what r9, 72
    \what r10, 80
    \what r11, 88
    \what r12, 96
    \what r13, 104
    \what r14, 112
    \what r15, 120
.endm
.macro load_register name, offset
    movq IN_GPR + \offset, %\name
.endm
.macro save_register name, offset
    movq %\name, OUT_GPR + \offset
.endm

// Compiled code must not run with the guest's AC, DF, NT or TF.
.macro clean_flags
    pushq $0x202
    popfq
.endm

.text
.globl norn_fuzz_enter
.type norn_fuzz_enter, @function
norn_fuzz_enter:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $8, %rsp
    rdfsbase %rax
    movq %rax, HOST_FS
    rdgsbase %rax
    movq %rax, HOST_GS
    stmxcsr HOST_MXCSR
    leaq norn_fuzz_resume(%rip), %rax
    movq %rax, RESUME
    movq %rsp, HOST_RSP
    fxrstor64 IN_FX
    movq $1, ACTIVE
    movq IN_FS, %rax
    wrfsbase %rax
    movq IN_GS, %rax
    wrgsbase %rax
    pushq IN_RFLAGS
    popfq
    for_all_registers_but_rsp load_register
    movq IN_GPR + 32, %rsp
.globl norn_fuzz_entered
norn_fuzz_entered:
    jmp *IN_RIP

norn_fuzz_resume:
    fninit
    ldmxcsr HOST_MXCSR
    clean_flags
    addq $8, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    ret
.size norn_fuzz_enter, . - norn_fuzz_enter

// A handler runs with the guest's segment bases, which nothing compiled may see. A case that ended
// goes back to norn_fuzz_enter's caller without a sigreturn.
.globl norn_fuzz_signal
.type norn_fuzz_signal, @function
norn_fuzz_signal:
    cmpq $0, ACTIVE
    je 1f
    clean_flags
    rdfsbase %rax
    pushq %rax
    rdgsbase %rax
    pushq %rax
    movq HOST_FS, %rax
    wrfsbase %rax
    movq HOST_GS, %rax
    wrgsbase %rax
    subq $8, %rsp
    call norn_fuzz_on_signal
    addq $8, %rsp
    testl %eax, %eax
    jnz 2f
    movq $0, ACTIVE
    movq HOST_RSP, %rsp
    jmp *RESUME
2:  popq %rax
    wrgsbase %rax
    popq %rax
    wrfsbase %rax
    ret
1:  leaq norn_fuzz_previous(%rip), %rax
    movslq %edi, %rcx
    jmp *(%rax, %rcx, 8)
.size norn_fuzz_signal, . - norn_fuzz_signal

// Copied to exit_page. Stub k notes k; nothing but memory and rsp is touched before it is saved.
.section .rodata
.globl norn_fuzz_stubs
.globl norn_fuzz_stubs_end
.balign 32
norn_fuzz_stubs:
.set k, 0
.rept 8
    movl $k, EXIT
    jmp norn_fuzz_save
    .balign 32, 0xcc
    .set k, k + 1
.endr
norn_fuzz_save:
    movq %rsp, OUT_SAVED_RSP
    movq HOST_RSP, %rsp
    pushfq
    popq OUT_RFLAGS
    for_all_registers_but_rsp save_register
    fxsave64 OUT_FX
    movq HOST_FS, %rax
    wrfsbase %rax
    movq HOST_GS, %rax
    wrgsbase %rax
    movq $0, ACTIVE
    jmp *RESUME
norn_fuzz_stubs_end:

.section .note.GNU-stack, "", @progbits
