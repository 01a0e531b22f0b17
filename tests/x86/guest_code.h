#pragma once

#include <cstdint>

// Guest code, assembled into this program's read-only data. None of it depends on its address.
#define GUEST_CODE(name, body)                                                                        \
    asm(".pushsection .rodata\n.globl code_" #name "\ncode_" #name ":\n.intel_syntax noprefix\n" body \
        "\n.att_syntax\n.globl code_" #name "_end\ncode_" #name "_end:\n.popsection");                \
    extern "C" const uint8_t code_##name[], code_##name##_end[];
