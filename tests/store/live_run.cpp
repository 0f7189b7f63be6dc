// Hands a sample run to the live writer in parts, and reads a database for comparison.
#include "store/live_run.h"

#include <map>
#include <numeric>

#include "turnpike/store/reader.h"

namespace turnpike::test {
namespace {

std::vector<std::uint32_t> indexes(std::size_t count) {
    std::vector<std::uint32_t> all(count);
    std::iota(all.begin(), all.end(), 0U);
    return all;
}

struct AsText {
    std::string operator()(std::monostate) const { return "NULL"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return std::to_string(value); }
    std::string operator()(std::string_view value) const { return std::string(value); }
};

}  // namespace

LiveChanges::LiveChanges(const SampleRun& sample)
    : flows(indexes(sample.observation.flows.size())),
      verdicts(flows),
      dns(indexes(sample.observation.dns.size())),
      hellos(indexes(sample.observation.hellos.size())),
      stun(indexes(sample.observation.stun.size())),
      rtp(indexes(sample.observation.rtp.size())),
      icmp(indexes(sample.observation.icmp.size())) {}

void LiveChanges::clear() {
    for (auto* list : {&flows, &verdicts, &dns, &hellos, &stun, &rtp, &icmp}) {
        list->clear();
    }
}

store::Changes LiveChanges::of(const SampleRun& sample) const {
    store::FlowCounts counts;
    for (const auto& flow : sample.result.flows) {
        auto& count = flow.outcome == verdict::Outcome::passed    ? counts.passed
                      : flow.outcome == verdict::Outcome::blocked ? counts.blocked
                                                                  : counts.inconclusive;
        ++count;
    }
    facts::EachKind<store::RowIndexes> rows;
    rows.of<facts::DnsKind>() = dns;
    rows.of<facts::HelloKind>() = hellos;
    rows.of<facts::StunKind>() = stun;
    rows.of<facts::RtpKind>() = rtp;
    rows.of<facts::IcmpKind>() = icmp;
    return {.observation = sample.observation,
            .result = sample.result,
            .flows = flows,
            .verdicts = verdicts,
            .rows = rows,
            .quality = sample.observation.quality,
            .counts = counts};
}

std::string scalar(store::Database& database, const std::string& sql) {
    store::Statement query(database, sql);
    if (!query.step()) {
        return "no row";
    }
    return query.type(0) == SQLITE_NULL ? "NULL" : std::string(query.text(0));
}

std::vector<std::string> content_of(const std::filesystem::path& path, std::int64_t run) {
    store::Reader reader(path);
    std::vector<std::string> rows;
    for (const auto view : store::Reader::views()) {
        const auto columns = reader.columns(view);
        reader.each_row(view, run, [&](std::span<const store::Cell> cells) {
            std::map<std::string, std::string> row;
            // The first columns of each view are the run, and of runs when and where it was made.
            for (std::size_t i = view == "runs" ? 3 : 1; i < cells.size(); ++i) {
                row[columns[i]] = std::visit(AsText{}, cells[i]);
            }
            std::string& text = rows.emplace_back(view);
            for (const auto& [column, value] : row) {
                text += '|' + column + '=' + value;
            }
        });
    }
    return rows;
}

}  // namespace turnpike::test
