// Writes programs for the classic packet filter, with labels instead of distances.
#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace turnpike::capture {

/// Instructions as in bpf(4): an accumulator A, an index register X, sixteen words of memory. A
/// load behind the end of the packet makes the program return zero.
class FilterAssembler {
  public:
    enum class Label : std::size_t {};
    enum class Width : std::uint16_t { u8 = BPF_B, u16 = BPF_H, u32 = BPF_W };

    Label new_label() {
        places_.push_back(0);
        return static_cast<Label>(places_.size() - 1);
    }
    /// Jumps to the label come here.
    void place(Label label) { places_[static_cast<std::size_t>(label)] = code_.size(); }

    void load_constant(std::uint32_t value) { put(BPF_LD | BPF_IMM, value); }
    // BPF_LD and BPF_W are both 0. NOLINTNEXTLINE(misc-redundant-expression)
    void load_at(std::uint32_t offset) { put(BPF_LD | BPF_ABS | BPF_W, offset); }
    /// From the packet at X + `offset`.
    void load_from_x(Width width, std::uint32_t offset) {
        put(static_cast<std::uint16_t>(BPF_LD | BPF_IND | static_cast<std::uint16_t>(width)),
            offset);
    }
    void load(std::uint32_t slot) { put(BPF_LD | BPF_MEM, slot); }
    void load_x(std::uint32_t slot) { put(BPF_LDX | BPF_MEM, slot); }
    void store(std::uint32_t slot) { put(BPF_ST, slot); }
    /// A = A operation value; the operation is BPF_ADD, BPF_AND ...
    void compute(std::uint16_t operation, std::uint32_t value) {
        put(static_cast<std::uint16_t>(BPF_ALU | BPF_K | operation), value);
    }
    void compute_with_x(std::uint16_t operation) {
        put(static_cast<std::uint16_t>(BPF_ALU | BPF_X | operation), 0);
    }
    void jump(Label target) {
        jumps_.push_back({code_.size(), target});
        put(BPF_JMP | BPF_JA, 0);
    }
    /// Conditional jumps reach 255 instructions only, so one that is not taken skips a far one.
    void jump_if_equal(std::uint32_t value, Label target) { jump_if(BPF_JEQ, value, target, true); }
    void jump_unless_equal(std::uint32_t value, Label target) {
        jump_if(BPF_JEQ, value, target, false);
    }
    void jump_if_less(std::uint32_t value, Label target) { jump_if(BPF_JGE, value, target, false); }
    void return_a() { put(BPF_RET | BPF_A, 0); }
    void return_constant(std::uint32_t value) { put(BPF_RET | BPF_K, value); }

    /// The program; every label was placed.
    std::vector<sock_filter> done() {
        for (const Jump& jump : jumps_) {
            const std::size_t target = places_[static_cast<std::size_t>(jump.target)];
            code_[jump.place].k = static_cast<std::uint32_t>(target - jump.place - 1);
        }
        return std::move(code_);
    }

  private:
    struct Jump {
        std::size_t place;
        Label target;
    };
    void put(std::uint16_t code, std::uint32_t value) {
        code_.push_back({.code = code, .jt = 0, .jf = 0, .k = value});
    }
    void jump_if(std::uint16_t condition, std::uint32_t value, Label target, bool holds) {
        put(static_cast<std::uint16_t>(BPF_JMP | BPF_K | condition), value);
        (holds ? code_.back().jf : code_.back().jt) = 1;
        jump(target);
    }

    std::vector<sock_filter> code_;
    std::vector<std::size_t> places_;
    std::vector<Jump> jumps_;
};

}  // namespace turnpike::capture
