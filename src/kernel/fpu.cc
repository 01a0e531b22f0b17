// Packed form: four bytes that say which 16-byte lanes of the FXSAVE image differ from the initial state,
// then those lanes, cut into chunks.
#include "kernel/fpu.h"

#include <emmintrin.h>

#include <bit>
#include <cstring>

namespace norn {

namespace {
constexpr std::size_t lane_bytes = 16, lanes = 32;
constexpr std::size_t chunk_bytes = sizeof(FpuChunk::bytes);

/// Bytes that hold any packed state and end with a chunk.
constexpr std::size_t packed_bytes = (4 + lanes * lane_bytes + chunk_bytes - 1) / chunk_bytes * chunk_bytes;

struct Packed {
    std::size_t size = 0;  ///< 0: the initial state
    std::array<uint8_t, packed_bytes> bytes;
};

const x86::Fpu initial = x86::initial_fpu();

const uint8_t* lane_of(const x86::Fpu& fpu, std::size_t lane)
{
    return fpu.fxsave.data() + lane * lane_bytes;
}

bool lanes_differ(const uint8_t* a, const uint8_t* b)
{
    constexpr int all_equal = 0xffff;
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a));
    const __m128i y = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b));
    return _mm_movemask_epi8(_mm_cmpeq_epi8(x, y)) != all_equal;
}

void pack(const x86::Fpu& fpu, Packed& packed)
{
    uint32_t changed = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane)
        changed |= static_cast<uint32_t>(lanes_differ(lane_of(fpu, lane), lane_of(initial, lane))) << lane;
    if (changed == 0) return;
    std::memcpy(packed.bytes.data(), &changed, 4);
    packed.size = 4;
    for (uint32_t left = changed; left; left &= left - 1) {
        const auto lane = static_cast<std::size_t>(std::countr_zero(left));
        std::memcpy(packed.bytes.data() + packed.size, lane_of(fpu, lane), lane_bytes);
        packed.size += lane_bytes;
    }
    const std::size_t rest = (chunk_bytes - packed.size % chunk_bytes) % chunk_bytes;
    std::memset(packed.bytes.data() + packed.size, 0, rest);
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

void load_fpu(const Machine& m, TaskId task, x86::Fpu& to)
{
    if (m.live_fpu && m.live_fpu_task == task) {
        to = *m.live_fpu;
        return;
    }
    to = initial;
    FpuId chunk = m[task].fpu;
    if (!chunk) return;
    std::array<uint8_t, packed_bytes> packed;
    for (uint8_t* at = packed.data(); chunk; at += chunk_bytes) {
        NORN_ASSERT(at < packed.end());
        const FpuChunk& record = m[chunk];
        std::memcpy(at, record.bytes.data(), chunk_bytes);
        chunk = record.next;
    }
    uint32_t changed = 0;
    std::memcpy(&changed, packed.data(), 4);
    const uint8_t* from = packed.data() + 4;
    for (; changed; changed &= changed - 1, from += lane_bytes)
        std::memcpy(to.fxsave.data() + static_cast<std::size_t>(std::countr_zero(changed)) * lane_bytes, from,
                    lane_bytes);
}

x86::Fpu load_fpu(const Machine& m, TaskId task)
{
    x86::Fpu fpu;
    load_fpu(m, task, fpu);
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
    Packed packed;
    pack(fpu, packed);
    FpuId before;
    FpuId chunk = m[task].fpu;
    for (std::size_t done = 0; done < packed.size; done += chunk_bytes) {
        if (!chunk) {
            chunk = m.allocate<FpuChunk>();
            (before ? m.edit(before).next : m.edit(task).fpu) = chunk;
        }
        FpuChunk& record = m.edit(chunk);
        std::memcpy(record.bytes.data(), packed.bytes.data() + done, chunk_bytes);
        before = chunk;
        chunk = record.next;
    }
    if (!chunk) return;
    (before ? m.edit(before).next : m.edit(task).fpu) = {};
    free_chain(m, chunk);
}

void copy_fpu(Machine& m, TaskId from, TaskId to)
{
    if (m.live_fpu && m.live_fpu_task == from)
        pack_fpu(m, to, *m.live_fpu);
    else
        pack_fpu(m, to, load_fpu(m, from));
}

void free_fpu(Machine& m, TaskId task)
{
    if (m.live_fpu && m.live_fpu_task == task) *m.live_fpu = initial;
    const FpuId chunk = m[task].fpu;
    if (!chunk) return;
    m.edit(task).fpu = {};
    free_chain(m, chunk);
}

}  // namespace norn
