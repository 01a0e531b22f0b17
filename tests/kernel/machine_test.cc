// A machine is a value: copies are independent, and the hash sees every byte of every record.
#include "norn/machine.h"

#include <gtest/gtest.h>

#include <random>

#include "mm/frame.h"
#include "norn/save.h"

namespace norn {
namespace {

/// Which bits of a record count: all, but for the generations in its ids and what it holds of the host.
template <class T>
std::array<uint8_t, sizeof(T)> bits_that_count()
{
    T masks;
    std::memset(static_cast<void*>(&masks), 0xff, sizeof masks);
    each_id(masks, [](auto& one) { one.raw = id_index_mask; });
    if constexpr (HoldsHost<T>) masks.forget_host();
    std::array<uint8_t, sizeof(T)> bits;
    std::memcpy(bits.data(), static_cast<const void*>(&masks), sizeof masks);
    return bits;
}

template <class T>
void hash_sees_each_byte(const char* name)
{
    Machine m;
    const Id<T> id = m.allocate<T>();
    const auto bits = bits_that_count<T>();
    for (std::size_t at = 0; at < sizeof(T); ++at) {
        if (bits[at] == 0) continue;
        const Hash before = m.hash();
        const Machine copy = m;
        reinterpret_cast<uint8_t*>(&m.edit(id))[at] ^= 1;
        EXPECT_NE(m.hash(), before) << name << " byte " << at;
        EXPECT_EQ(copy.hash(), before) << name << " byte " << at;
        reinterpret_cast<uint8_t*>(&m.edit(id))[at] ^= 1;
        EXPECT_EQ(m.hash(), before) << name << " byte " << at;
    }
}

// Whatever has a pool is here: NORN_POOLS lists them for the machine and for this test alike.
TEST(Machine, HashSeesEveryByteOfEveryRecord)
{
#define NORN_TEST_POOL(type, name) hash_sees_each_byte<type>(#type);
    NORN_POOLS(NORN_TEST_POOL)
#undef NORN_TEST_POOL
}

/// The same record in another slot is another machine.
template <class T>
void hash_sees_the_slot(const char* name)
{
    Machine m;
    const Id<T> first = m.allocate<T>();
    const Id<T> second = m.allocate<T>();
    Machine other = m;
    m.free(first);
    other.free(second);
    EXPECT_NE(m.hash(), other.hash()) << name;
}

TEST(Machine, HashSeesTheSlotOfEveryRecord)
{
#define NORN_TEST_POOL(type, name) hash_sees_the_slot<type>(#type);
    NORN_POOLS(NORN_TEST_POOL)
#undef NORN_TEST_POOL
}

TEST(Machine, HashSeesEveryByteOfTheState)
{
    Machine m;
    const Hash before = m.hash();
    MachineState masks;
    std::memset(static_cast<void*>(&masks), 0xff, sizeof masks);
    each_id(masks, [](auto& one) { one.raw = id_index_mask; });
    for (std::size_t at = 0; at < sizeof masks; ++at) {
        if (reinterpret_cast<const uint8_t*>(&masks)[at] == 0) continue;
        reinterpret_cast<uint8_t*>(&m.state)[at] ^= 1;
        EXPECT_NE(m.hash(), before) << "byte " << at;
        reinterpret_cast<uint8_t*>(&m.state)[at] ^= 1;
    }
    EXPECT_EQ(m.hash(), before);
}

TEST(Machine, HashSeesEveryByteOfAPage)
{
    Machine m;
    const PageId page = *new_page(m);
    hold_page(m, page);
    const Hash zeros = m.hash();
    for (const std::size_t at : {0u, 1u, 2047u, 4095u}) {
        grant_write(m, page)[at] = 1;
        EXPECT_NE(m.hash(), zeros) << "byte " << at;
        grant_write(m, page)[at] = 0;
        EXPECT_EQ(m.hash(), zeros);
    }
}

TEST(Machine, PagesOfCopiesAreTheirOwn)
{
    Machine a;
    const PageId page = *new_page(a);
    hold_page(a, page);
    grant_write(a, page)[5] = 1;
    Machine b = a;
    EXPECT_EQ(a.hash(), b.hash());
    grant_write(b, page)[5] = 2;
    EXPECT_EQ(page_bytes(a, page)[5], 1);
    EXPECT_EQ(page_bytes(b, page)[5], 2);
    EXPECT_NE(a.hash(), b.hash());
    grant_write(a, page)[5] = 2;
    EXPECT_EQ(a.hash(), b.hash());
}

TEST(Machine, AssignedAndMovedMachinesKeepTheirValue)
{
    Machine a;
    const TaskId task = a.allocate<Task>();
    a.edit(task).vruntime = 9;
    const Hash hash = a.hash();
    Machine b;
    b = a;
    Machine c = std::move(b);
    EXPECT_EQ(c.hash(), hash);
    c.edit(task).vruntime = 10;
    EXPECT_EQ(a[task].vruntime, 9u);
}

Machine with_something_of_everything()
{
    Machine m;
    std::vector<TaskId> tasks;
    for (int i = 0; i < 300; ++i) tasks.push_back(m.allocate<Task>());
    for (std::size_t i = 0; i < tasks.size(); i += 2) m.free(tasks[i]);
    m.edit(tasks[151]).real_parent = tasks[153];
    for (uint8_t i = 0; i < 20; ++i) {
        const PageId page = *new_page(m);
        hold_page(m, page);
        if (i % 3) grant_write(m, page)[i] = i;
        if (i % 5 == 1) hold_page(m, *copy_page(m, page));
    }
    m.state.now_ns = 12345;
    return m;
}

TEST(Save, ALoadedMachineIsEqualAndHasTheSameFuture)
{
    Machine m = with_something_of_everything();
    const std::string bytes = save_machine(m);
    Expected<Machine> loaded = load_machine(bytes);
    ASSERT_TRUE(loaded.ok()) << loaded.failure().text;
    EXPECT_EQ(loaded->hash(), m.hash());
    for (int i = 0; i < 400; ++i) EXPECT_EQ(loaded->allocate<Task>(), m.allocate<Task>());
    EXPECT_EQ(loaded->hash(), m.hash());
    EXPECT_EQ(save_machine(*loaded), save_machine(m));
}

/// Records of any bytes, in enough slots for a second level of the pool.
template <class T>
void fill_with_noise(Machine& m)
{
    std::minstd_rand random(sizeof(T));
    for (uint32_t i = 0; i < Pool<T>::leaf_slots + 2; ++i) {
        T& record = m.edit(m.allocate<T>());
        auto* bytes = reinterpret_cast<uint8_t*>(&record);
        for (std::size_t at = 0; at < sizeof(T); ++at) bytes[at] = static_cast<uint8_t>(random() >> 8);
        if constexpr (HoldsHost<T>) record.forget_host();
    }
}

TEST(Save, EveryByteOfEveryRecordIsThereAgain)
{
    Machine m;
#define NORN_TEST_POOL(type, name) fill_with_noise<type>(m);
    NORN_POOLS(NORN_TEST_POOL)
#undef NORN_TEST_POOL
    const Expected<Machine> loaded = load_machine(save_machine(m));
    ASSERT_TRUE(loaded.ok()) << loaded.failure().text;
    EXPECT_EQ(loaded->hash(), m.hash());
}

TEST(Save, DamagedOrForeignBytesAreRefused)
{
    const std::string good = save_machine(with_something_of_everything());
    EXPECT_FALSE(load_machine("").ok());
    EXPECT_FALSE(load_machine("#!/bin/sh\nexit 0\n" + std::string(200, 'x')).ok());
    EXPECT_FALSE(load_machine(good.substr(0, good.size() - 1)).ok());
    for (std::size_t at = 0; at < good.size(); at += 1 + good.size() / 97) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 4);
        EXPECT_FALSE(load_machine(bad).ok()) << "byte " << at;
    }
}

}  // namespace
}  // namespace norn
