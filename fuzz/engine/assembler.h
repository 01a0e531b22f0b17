// Emits code at an address, with branches that are aimed when their targets are known.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <vector>

namespace norn::fuzz {

constexpr int modrm_byte(int mod, int reg, int rm)
{
    return mod << 6 | (reg & 7) << 3 | (rm & 7);
}
constexpr int rex_byte(bool wide, int reg, int rm)
{
    return 0x40 | (wide ? 8 : 0) | (reg >> 3) << 2 | (rm >> 3);
}

class Assembler {
  public:
    explicit Assembler(uint64_t start) : start_(start) {}

    [[nodiscard]] uint64_t here() const { return start_ + bytes_.size(); }
    [[nodiscard]] size_t size() const { return bytes_.size(); }
    [[nodiscard]] std::span<const uint8_t> code() const { return bytes_; }

    void put(std::initializer_list<int> bytes)
    {
        for (const int byte : bytes) bytes_.push_back(static_cast<uint8_t>(byte));
    }
    void put(std::span<const uint8_t> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
    template <typename T>
    void put_value(T value)
    {
        std::array<uint8_t, sizeof value> raw;
        std::memcpy(raw.data(), &value, sizeof value);
        put(raw);
    }

    /// An instruction whose last four bytes are a distance from its end; returns where those are.
    size_t relative(std::initializer_list<int> opcode)
    {
        put(opcode);
        put_value(int32_t{0});
        return bytes_.size() - 4;
    }
    /// Aims a distance; `tail` bytes of the instruction follow it.
    void aim(size_t hole, uint64_t target, unsigned tail = 0)
    {
        const auto distance = static_cast<int32_t>(target - (start_ + hole + 4 + tail));
        std::memcpy(bytes_.data() + hole, &distance, sizeof distance);
    }
    void jump(uint64_t target) { aim(relative({0xe9}), target); }
    void jump_if(int condition, uint64_t target) { aim(relative({0x0f, 0x80 | condition}), target); }
    void put_at(uint64_t address, uint64_t value)
    {
        std::memcpy(bytes_.data() + (address - start_), &value, sizeof value);
    }

    void push(int reg) { put({rex_byte(false, 0, reg), 0x50 | (reg & 7)}); }
    void pop(int reg) { put({rex_byte(false, 0, reg), 0x58 | (reg & 7)}); }
    void move_immediate(int reg, uint32_t value)
    {
        put({rex_byte(false, 0, reg), 0xb8 | (reg & 7)});
        put_value(value);
    }
    /// ModRM and displacement of [base + displacement].
    void memory_operand(int reg, int base, int8_t displacement)
    {
        put({modrm_byte(1, reg, base)});
        if ((base & 7) == 4) put({0x24});
        put_value(displacement);
    }

  private:
    uint64_t start_;
    std::vector<uint8_t> bytes_;
};

}  // namespace norn::fuzz
