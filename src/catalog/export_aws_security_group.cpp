// AWS security groups: a list as `aws ec2 authorize-security-group-egress --ip-permissions` takes
// it, or, where --inside names the group, the object for its `--cli-input-json`. JSON has no
// comments, so what could not be written is handed back as remarks.
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <tuple>

#include "catalog/export_formats.h"
#include "catalog/export_holes.h"
#include "catalog/json_writer.h"
#include "turnpike/base/error.h"

namespace turnpike::catalog {
namespace {

// The default quota of rules in each direction, counted by themselves for IPv4 and IPv6; each block
// of a permission is a rule (Amazon VPC quotas).
constexpr std::size_t quota = 60;

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
    return shortened(text, 255);
}

using PermissionKey = std::tuple<Transport, std::uint16_t, std::uint16_t>;
using Permissions = std::map<PermissionKey, std::vector<HolePlace>>;

std::vector<HolePlace> everywhere(const std::string& remark) {
    return {{*base::Prefix::parse("0.0.0.0/0"), remark, false},
            {*base::Prefix::parse("::/0"), remark, false}};
}

// A permission takes one range of ports; equal ranges share it.
Permissions permissions_of(const std::vector<Hole>& holes, bool ingress) {
    Permissions permissions;
    for (const auto& hole : holes) {
        if (hole.closed || hole.inbound != ingress) {
            continue;
        }
        const auto title = titles_text(hole);
        auto places = hole.any || hole.to_own_server ? everywhere(title) : hole.places;
        for (auto& place : places) {
            place.remark = place.remark.empty() ? title : place.remark;
        }
        for (const auto& range : hole.ports) {
            auto& all = permissions[{hole.transport, range.first, range.last}];
            all.insert(all.end(), places.begin(), places.end());
        }
    }
    for (auto& [key, places] : permissions) {
        join_places(places);
    }
    return permissions;
}

/// The blocks of one part: each IP version has a quota of its own.
class Part {
  public:
    explicit Part(unsigned number) : first_((number - 1) * quota) {}
    bool takes(const HolePlace& place) {
        auto& count = place.prefix.address.is_v4() ? v4_ : v6_;
        const auto index = count++;
        return index >= first_ && index < first_ + quota;
    }
    [[nodiscard]] std::size_t parts() const {
        return std::max<std::size_t>(1, (std::max(v4_, v6_) + quota - 1) / quota);
    }

  private:
    std::size_t first_;
    std::size_t v4_ = 0;
    std::size_t v6_ = 0;
};

Permissions only(const Permissions& all, Part& part) {
    Permissions chosen;
    for (const auto& [key, places] : all) {
        for (const auto& place : places) {
            if (part.takes(place)) {
                chosen[key].push_back(place);
            }
        }
    }
    return chosen;
}

void write_ranges(JsonWriter& json, const std::vector<HolePlace>& places, unsigned version) {
    const auto fits = [version](const HolePlace& place) {
        return place.prefix.address.version() == version;
    };
    if (std::ranges::none_of(places, fits)) {
        return;
    }
    json.key(version == 4 ? "IpRanges" : "Ipv6Ranges").begin_array();
    for (const auto& place : places) {
        if (fits(place)) {
            json.begin_object().member(version == 4 ? "CidrIp" : "CidrIpv6", cidr(place.prefix));
            json.member("Description", description(place.remark)).end();
        }
    }
    json.end();
}

void write_permissions(JsonWriter& json, const Permissions& permissions) {
    json.begin_array();
    for (const auto& [key, places] : permissions) {
        const auto& [transport, first, last] = key;
        json.begin_object().member("IpProtocol", to_string(transport));
        json.member("FromPort", std::uint64_t{first}).member("ToPort", std::uint64_t{last});
        write_ranges(json, places, 4);
        write_ranges(json, places, 6);
        json.end();
    }
    json.end();
}

std::vector<std::string> remarks_of(const Export& what, const std::vector<Hole>& holes,
                                    bool ingress) {
    auto remarks = head_lines(what);
    bool others = false;
    for (const auto& hole : holes) {
        others = others || hole.inbound != ingress;
        if (hole.inbound != ingress || hole.remarks.empty()) {
            continue;
        }
        remarks.push_back(fmt::format("{}: {}{}", titles_text(hole), fmt::join(hole.remarks, "; "),
                                      hole.closed ? "; no permission was written" : ""));
    }
    if (others) {
        remarks.push_back(fmt::format("rows in the other direction: --format aws-security-group{}",
                                      ingress ? "" : "-ingress"));
    }
    if (!ingress) {
        remarks.emplace_back(
            "a new security group permits everything outwards until that rule is revoked");
    }
    return remarks;
}

}  // namespace

ExportedFile export_aws_security_group(const Export& what, const Sides& sides, bool ingress) {
    const auto holes = holes_of(what.entries, no_names);
    auto remarks = remarks_of(what, holes, ingress);
    Part part(sides.part);
    const auto permissions = only(permissions_of(holes, ingress), part);
    if (sides.part > part.parts()) {
        throw base::Error(
            base::ExitStatus::usage,
            fmt::format(
                "--part {}: there {} {}", sides.part, part.parts() == 1 ? "is" : "are",
                part.parts() == 1 ? std::string("1 part") : fmt::format("{} parts", part.parts())));
    }
    if (part.parts() > 1) {
        remarks.push_back(
            fmt::format("part {} of {}: a group takes {} rules a direction unless your quota was "
                        "raised; --part N writes the others, each for a group of its own",
                        sides.part, part.parts(), quota));
    }
    JsonWriter json;
    if (!sides.inside.empty()) {
        json.begin_object().member("GroupId", sides.inside.front()).key("IpPermissions");
    }
    write_permissions(json, permissions);
    if (!sides.inside.empty()) {
        json.end();
    }
    return {json.take(), std::move(remarks)};
}

}  // namespace turnpike::catalog
