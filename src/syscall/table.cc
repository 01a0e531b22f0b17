#include "syscall/table.h"

#include <array>
#include <vector>

#include "norn/assert.h"
#include "syscall/rows.h"

namespace norn {

namespace {
struct Table {
    std::vector<SyscallRow> rows;
    std::array<const SyscallRow*, syscall_limit> by_number{};

    Table()
    {
        for (const auto area : {rows_mm(), rows_fs(), rows_life(), rows_run()})
            rows.insert(rows.end(), area.begin(), area.end());
        for (const SyscallRow& row : rows) {
            NORN_ASSERT(row.number < syscall_limit && !by_number[row.number]);
            by_number[row.number] = &row;
        }
    }
};

const Table table;
}  // namespace

const SyscallRow* syscall_row(uint64_t number)
{
    return number < syscall_limit ? table.by_number[number] : nullptr;
}

std::span<const SyscallRow> syscall_rows()
{
    return table.rows;
}

}  // namespace norn
