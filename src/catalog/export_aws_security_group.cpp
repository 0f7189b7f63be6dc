// AWS security groups: the arguments of authorize-security-group-egress and -ingress as JSON. JSON
// has no comments, so what could not be written stands in a list of its own.
#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"
#include "catalog/json_writer.h"

namespace turnpike::catalog {
namespace {

// EC2 IpRange: up to 255 of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*
std::string description(std::string text) {
    constexpr std::string_view allowed = " ._-:/()#,@[]+=&;{}!$*";
    std::ranges::replace_if(
        text,
        [&](unsigned char c) {
            return std::isalnum(c) == 0 &&
                   allowed.find(static_cast<char>(c)) == std::string_view::npos;
        },
        '_');
    return text.substr(0, 255);
}

void write_ranges(JsonWriter& json, const Hole& hole, unsigned version) {
    const std::string_view member = version == 4 ? "CidrIp" : "CidrIpv6";
    auto places = places_of_version(hole, version);
    if (hole.any) {
        const auto everything = base::Prefix::parse(version == 4 ? "0.0.0.0/0" : "::/0");
        places = {{*everything, {}}};
    }
    if (places.empty()) {
        return;
    }
    json.key(version == 4 ? "IpRanges" : "Ipv6Ranges").begin_array();
    for (const auto& place : places) {
        // A full-length prefix prints as a bare address, which the service refuses.
        const auto cidr =
            fmt::format("{}/{}", base::to_string(place.prefix.address), place.prefix.length);
        json.begin_object().member(member, cidr);
        json.member("Description",
                    description(place.remark.empty() ? title_of(*hole.entry) : place.remark));
        json.end();
    }
    json.end();
}

void write_permissions(JsonWriter& json, const std::vector<Hole>& holes, bool inbound) {
    json.begin_array();
    for (const auto& hole : holes) {
        if (hole.closed || hole.inbound != inbound) {
            continue;
        }
        json.begin_object().member("IpProtocol", transport_text(*hole.entry));
        json.member("FromPort", std::uint64_t{hole.entry->first});
        json.member("ToPort", std::uint64_t{hole.entry->last});
        write_ranges(json, hole, 4);
        write_ranges(json, hole, 6);
        json.end();
    }
    json.end();
}

}  // namespace

std::string export_aws_security_group(const Export& what) {
    const auto holes = holes_of(what.entries, no_names);
    JsonWriter json;
    json.begin_object().key("Remarks").begin_array();
    for (const auto& line : head_lines(what)) {
        json.value(line);
    }
    for (const auto& hole : holes) {
        for (const auto& remark : hole.remarks) {
            json.value(title_of(*hole.entry) + ": " + remark +
                       (hole.closed ? "; no permission was written" : ""));
        }
    }
    json.end().key("IpPermissionsEgress");
    write_permissions(json, holes, false);
    json.key("IpPermissions");
    write_permissions(json, holes, true);
    json.end();
    return json.take();
}

}  // namespace turnpike::catalog
