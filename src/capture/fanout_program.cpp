// Writes the fanout hash in instructions of the classic packet filter.
#include "capture/fanout_program.h"

#include "capture/fanout_rules.h"
#include "capture/filter_assembler.h"

namespace turnpike::capture {
namespace {

using Label = FilterAssembler::Label;
using Width = FilterAssembler::Width;

/// What the words of memory hold. Places are octets after the network header.
enum Slot : std::uint32_t {
    packet_place,  ///< of the IP header, or of a tag before it
    ether_type,
    next_place,  ///< of the header after IP
    protocol,
    addresses,        ///< place of the source address
    version,          ///< of the IP header that `addresses` lies in
    outer_addresses,  ///< the same outside of VXLAN or GENEVE
    outer_version,
    left,  ///< operands
    right,
};

/// Follows fanout_hash.cpp step by step; it says why.
class FanoutWriter {
  public:
    explicit FanoutWriter(std::uint32_t network_header) : network_header_(network_header) {}

    std::vector<sock_filter> write(std::optional<std::uint16_t> given_ether_type) {
        begin(given_ether_type);
        write_packet(true);
        code_.place(inside_);
        write_packet(false);
        write_addresses();
        return code_.done();
    }

  private:
    void begin(std::optional<std::uint16_t> given_ether_type);
    void write_packet(bool outermost);
    void skip_tags();
    void write_v4(bool outermost);
    void write_icmp();
    void write_v6(bool outermost);
    void write_icmpv6();
    void write_datagram(bool outermost);
    void write_vxlan();
    void write_geneve();
    void write_inside();
    void write_addresses();
    void fold_down(unsigned shift);
    void write_folded(std::uint32_t offset, Slot target);

    void field(Width width, std::uint32_t offset) {
        code_.load_from_x(width, network_header_ + offset);
    }
    void set(Slot target, Slot from, std::uint32_t more) {
        code_.load(from);
        code_.compute(BPF_ADD, more);
        code_.store(target);
    }
    void set_constant(Slot target, std::uint32_t value) {
        code_.load_constant(value);
        code_.store(target);
    }
    template <typename Values>
    void jump_if_one_of(const Values& values, Label target) {
        for (const auto value : values) {
            code_.jump_if_equal(value, target);
        }
    }

    FilterAssembler code_;
    std::uint32_t network_header_;
    Label inside_ = code_.new_label();
    Label by_addresses_ = code_.new_label();
    Label by_outer_addresses_ = code_.new_label();
    Label zero_ = code_.new_label();
};

void FanoutWriter::begin(std::optional<std::uint16_t> given_ether_type) {
    set_constant(packet_place, 0);
    if (given_ether_type) {
        code_.load_constant(*given_ether_type);
    } else {
        code_.load_at(static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL));
    }
    code_.store(ether_type);
}

void FanoutWriter::write_packet(bool outermost) {
    const Label v4 = code_.new_label();
    const Label v6 = code_.new_label();
    skip_tags();
    code_.load(ether_type);
    code_.jump_if_equal(fanout::ipv4, v4);
    code_.jump_if_equal(fanout::ipv6, v6);
    code_.jump(outermost ? zero_ : by_outer_addresses_);
    code_.place(v4);
    write_v4(outermost);
    code_.place(v6);
    write_v6(outermost);
}

void FanoutWriter::skip_tags() {
    const Label done = code_.new_label();
    for (unsigned i = 0; i < fanout::most_tags; ++i) {
        const Label tag = code_.new_label();
        code_.load(ether_type);
        jump_if_one_of(fanout::tags, tag);
        code_.jump(done);
        code_.place(tag);
        code_.load_x(packet_place);
        field(Width::u16, 2);
        code_.store(ether_type);
        set(packet_place, packet_place, 4);
    }
    code_.place(done);
}

void FanoutWriter::write_v4(bool outermost) {
    const Label datagram = code_.new_label();
    const Label icmp = code_.new_label();
    set(addresses, packet_place, 12);
    set_constant(version, 4);
    code_.load_x(packet_place);
    field(Width::u8, 9);
    jump_if_one_of(fanout::tunnel_protocols, zero_);
    code_.store(protocol);
    field(Width::u16, 6);
    code_.compute(BPF_AND, fanout::fragment_bits);
    code_.jump_unless_equal(0, by_addresses_);
    field(Width::u8, 0);
    code_.compute(BPF_AND, 0x0f);
    code_.compute(BPF_LSH, 2);
    code_.compute_with_x(BPF_ADD);
    code_.store(next_place);
    code_.load(protocol);
    code_.jump_if_equal(fanout::udp, datagram);
    code_.jump_if_equal(fanout::icmp, icmp);
    code_.jump(by_addresses_);
    code_.place(icmp);
    write_icmp();
    code_.place(datagram);
    write_datagram(outermost);
}

void FanoutWriter::write_icmp() {
    const Label error = code_.new_label();
    field(Width::u16, 2);
    code_.compute_with_x(BPF_ADD);
    code_.load_x(next_place);
    code_.compute_with_x(BPF_SUB);  // what the packet says to have after its header
    code_.store(left);
    code_.compute(BPF_AND, 0x80000000);  // less than its header
    code_.jump_unless_equal(0, by_addresses_);
    code_.load(left);
    code_.jump_if_less(8 + 20, by_addresses_);
    field(Width::u8, 0);
    jump_if_one_of(fanout::icmp_errors, error);
    code_.jump(by_addresses_);
    code_.place(error);
    set(addresses, next_place, 8 + 12);
    code_.jump(by_addresses_);
}

void FanoutWriter::write_v6(bool outermost) {
    const Label datagram = code_.new_label();
    const Label icmpv6 = code_.new_label();
    set(addresses, packet_place, 8);
    set_constant(version, 6);
    set(next_place, packet_place, 40);
    code_.load_x(packet_place);
    field(Width::u8, 6);
    jump_if_one_of(fanout::tunnel_protocols, zero_);
    code_.jump_if_equal(fanout::udp, datagram);
    code_.jump_if_equal(fanout::icmpv6, icmpv6);
    code_.jump(by_addresses_);
    code_.place(icmpv6);
    write_icmpv6();
    code_.place(datagram);
    write_datagram(outermost);
}

void FanoutWriter::write_icmpv6() {
    const Label error = code_.new_label();
    field(Width::u16, 4);
    code_.jump_if_less(8 + 40, by_addresses_);
    field(Width::u8, 40);
    jump_if_one_of(fanout::icmpv6_errors, error);
    code_.jump(by_addresses_);
    code_.place(error);
    set(addresses, next_place, 8 + 8);
    code_.jump(by_addresses_);
}

void FanoutWriter::write_datagram(bool outermost) {
    const Label vxlan = code_.new_label();
    const Label geneve = code_.new_label();
    code_.load_x(next_place);
    field(Width::u16, 2);
    code_.store(right);
    field(Width::u16, 0);
    code_.store(left);
    for (const Slot port : {left, right}) {
        code_.load(port);
        jump_if_one_of(fanout::tunnel_ports, zero_);
    }
    if (outermost) {
        for (const Slot port : {left, right}) {
            code_.load(port);
            jump_if_one_of(fanout::vxlan_ports, vxlan);
        }
        for (const Slot port : {left, right}) {
            code_.load(port);
            jump_if_one_of(fanout::geneve_ports, geneve);
        }
    }
    code_.jump(by_addresses_);
    if (outermost) {
        code_.place(vxlan);
        write_vxlan();
        code_.place(geneve);
        write_geneve();
    }
}

void FanoutWriter::write_vxlan() {
    field(Width::u16, 4);
    code_.jump_if_less(fanout::vxlan_least, by_addresses_);
    field(Width::u8, 8);
    code_.compute(BPF_AND, fanout::vxlan_vni_present);
    code_.jump_if_equal(0, by_addresses_);
    field(Width::u16, fanout::vxlan_ether_type);
    code_.store(ether_type);
    set(packet_place, next_place, fanout::vxlan_inner);
    write_inside();
}

void FanoutWriter::write_geneve() {
    const Label packet = code_.new_label();
    field(Width::u16, 4);
    code_.jump_if_less(fanout::geneve_least, by_addresses_);
    field(Width::u16, 8);
    code_.compute(BPF_AND, fanout::geneve_zero);
    code_.jump_unless_equal(0, by_addresses_);
    field(Width::u8, 8);
    code_.compute(BPF_AND, fanout::geneve_option_words);
    code_.compute(BPF_MUL, 4);
    code_.compute_with_x(BPF_ADD);
    code_.compute(BPF_ADD, fanout::geneve_payload);
    code_.store(packet_place);
    field(Width::u16, 10);
    code_.store(ether_type);
    code_.jump_if_equal(fanout::ipv4, packet);
    code_.jump_if_equal(fanout::ipv6, packet);
    jump_if_one_of(fanout::geneve_tunnels, zero_);
    code_.jump_unless_equal(fanout::bridged_ethernet, by_addresses_);
    code_.load_x(packet_place);
    field(Width::u16, 12);
    code_.store(ether_type);
    set(packet_place, packet_place, 14);
    code_.place(packet);
    write_inside();
}

/// Goes on with the packet inside, whose place and kind are known.
void FanoutWriter::write_inside() {
    set(outer_addresses, addresses, 0);
    set(outer_version, version, 0);
    code_.jump(inside_);
}

/// The exclusive or of an IPv6 address's words; X holds the place of the address pair.
void FanoutWriter::write_folded(std::uint32_t offset, Slot target) {
    field(Width::u32, offset);
    code_.store(target);
    for (std::uint32_t word = 4; word < 16; word += 4) {
        field(Width::u32, offset + word);
        code_.load_x(target);
        code_.compute_with_x(BPF_XOR);
        code_.store(target);
        code_.load_x(addresses);
    }
}

/// A ^= A >> shift.
void FanoutWriter::fold_down(unsigned shift) {
    code_.store(left);
    code_.compute(BPF_RSH, shift);
    code_.load_x(left);
    code_.compute_with_x(BPF_XOR);
}

void FanoutWriter::write_addresses() {
    const Label v6 = code_.new_label();
    const Label mix = code_.new_label();
    code_.place(by_outer_addresses_);
    set(addresses, outer_addresses, 0);
    set(version, outer_version, 0);

    code_.place(by_addresses_);
    code_.load_x(addresses);
    code_.load(version);
    code_.jump_if_equal(6, v6);
    field(Width::u32, 0);
    code_.store(left);
    field(Width::u32, 4);
    code_.store(right);
    code_.jump(mix);
    code_.place(v6);
    write_folded(0, left);
    write_folded(16, right);

    code_.place(mix);
    code_.load_x(right);
    code_.load(left);
    code_.compute_with_x(BPF_ADD);
    code_.store(protocol);  // no longer needed
    code_.load(left);
    code_.compute_with_x(BPF_XOR);
    code_.compute(BPF_MUL, fanout::first_factor);
    code_.load_x(protocol);
    code_.compute_with_x(BPF_ADD);
    fold_down(fanout::first_shift);
    code_.compute(BPF_MUL, fanout::second_factor);
    fold_down(fanout::second_shift);
    code_.return_a();
    code_.place(zero_);
    code_.return_constant(0);
}

}  // namespace

std::vector<sock_filter> fanout_program(std::uint32_t network_header,
                                        std::optional<std::uint16_t> ether_type) {
    return FanoutWriter(network_header).write(ether_type);
}

}  // namespace turnpike::capture
