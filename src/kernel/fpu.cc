// Packed form: four bytes that say which 16-byte lanes of the FXSAVE image differ from the initial state,
// then those lanes, cut into chunks.
#include "kernel/fpu.h"

#include <cstring>

namespace norn {

namespace {
constexpr std::size_t lane_bytes = 16, lanes = 32;
constexpr std::size_t chunk_bytes = sizeof(FpuChunk::bytes);

struct Packed {
    std::size_t size = 0;
    std::array<uint8_t, 4 + lanes * lane_bytes> bytes{};
};

Packed pack(const x86::Fpu& fpu)
{
    static const x86::Fpu initial = x86::initial_fpu();
    Packed packed;
    uint32_t changed = 0;
    uint8_t* to = packed.bytes.data() + 4;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const uint8_t* from = fpu.fxsave.data() + lane * lane_bytes;
        if (std::memcmp(from, initial.fxsave.data() + lane * lane_bytes, lane_bytes) == 0) continue;
        changed |= 1u << lane;
        std::memcpy(to, from, lane_bytes);
        to += lane_bytes;
    }
    if (changed == 0) return packed;
    std::memcpy(packed.bytes.data(), &changed, 4);
    packed.size = static_cast<std::size_t>(to - packed.bytes.data());
    return packed;
}

void free_chain(Machine& m, FpuId chunk)
{
    while (chunk) {
        const FpuId next = m[chunk].next;
        m.free(chunk);
        chunk = next;
    }
}
}  // namespace

x86::Fpu load_fpu(const Machine& m, TaskId task)
{
    if (m.live_fpu && m.live_fpu_task == task) return *m.live_fpu;
    x86::Fpu fpu = x86::initial_fpu();
    Packed packed;
    for (FpuId chunk = m[task].fpu; chunk; chunk = m[chunk].next) {
        const std::size_t part = std::min(chunk_bytes, packed.bytes.size() - packed.size);
        std::memcpy(packed.bytes.data() + packed.size, m[chunk].bytes.data(), part);
        packed.size += part;
    }
    uint32_t changed = 0;
    std::memcpy(&changed, packed.bytes.data(), 4);
    const uint8_t* from = packed.bytes.data() + 4;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        if (!(changed >> lane & 1)) continue;
        std::memcpy(fpu.fxsave.data() + lane * lane_bytes, from, lane_bytes);
        from += lane_bytes;
    }
    return fpu;
}

void store_fpu(Machine& m, TaskId task, const x86::Fpu& fpu)
{
    if (m.live_fpu && m.live_fpu_task == task)
        *m.live_fpu = fpu;
    else
        pack_fpu(m, task, fpu);
}

void pack_fpu(Machine& m, TaskId task, const x86::Fpu& fpu)
{
    const Packed packed = pack(fpu);
    FpuId before;
    FpuId chunk = m[task].fpu;
    for (std::size_t done = 0; done < packed.size; done += chunk_bytes) {
        if (!chunk) {
            chunk = m.allocate<FpuChunk>();
            (before ? m.edit(before).next : m.edit(task).fpu) = chunk;
        }
        FpuChunk& record = m.edit(chunk);
        const std::size_t part = std::min(chunk_bytes, packed.size - done);
        std::memcpy(record.bytes.data(), packed.bytes.data() + done, part);
        std::memset(record.bytes.data() + part, 0, chunk_bytes - part);
        before = chunk;
        chunk = record.next;
    }
    if (!chunk) return;
    (before ? m.edit(before).next : m.edit(task).fpu) = {};
    free_chain(m, chunk);
}

void free_fpu(Machine& m, TaskId task)
{
    if (m.live_fpu && m.live_fpu_task == task) *m.live_fpu = x86::initial_fpu();
    const FpuId chunk = m[task].fpu;
    if (!chunk) return;
    m.edit(task).fpu = {};
    free_chain(m, chunk);
}

}  // namespace norn
