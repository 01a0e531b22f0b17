// The allow-list as it is written down; decode.cc parses it once.
#pragma once

#include <span>

#include "x86/decode.h"

namespace norn::x86 {

struct Row {
    const char* code;
    const char* name;
    const char* operands;
    Op op = Op::generic;
};

std::span<const Row> form_rows();

}  // namespace norn::x86
