// The verdict on each flow as rows, with its candidates and its story.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>

#include "store/catalog_rows.h"
#include "store/row_values.h"
#include "store/written_rows.h"
#include "turnpike/facts/facts.h"
#include "turnpike/verdict/result.h"
#include "turnpike/verdict/story.h"

namespace turnpike::store {

class FlowVerdictRows {
  public:
    FlowVerdictRows(Database& database, Batch& batch, std::int64_t run, Writing writing,
                    const facts::Observation& observation, const verdict::RunResult& result,
                    CatalogRows& catalog, WrittenRows& written);

    /// Writes the verdict on the flow with that index.
    void put(std::uint32_t index);

  private:
    [[nodiscard]] std::int64_t key(std::uint64_t number) const noexcept {
        return row_key(run_, number);
    }
    void remove_details(std::int64_t flow);
    void put_verdict(std::int64_t flow, const verdict::FlowVerdict& verdict);
    void put_candidates(std::int64_t flow, const verdict::FlowVerdict& verdict);
    void put_story(std::int64_t flow, const facts::Flow& facts, const std::string& name);

    Database& database_;
    Batch& batch_;
    std::int64_t run_;
    const facts::Observation& observation_;
    const verdict::RunResult& result_;
    CatalogRows& catalog_;
    WrittenRows& written_;
    std::uint64_t may_exist_up_to_;
    Statement insert_;
    Statement insert_candidate_;
    Statement insert_event_;
    std::optional<Statement> remove_candidates_;
    std::optional<Statement> remove_events_;
    std::optional<verdict::Stories> stories_;
    fmt::memory_buffer evidence_;
    std::string clean_name_;
    std::string clean_notes_;
};

}  // namespace turnpike::store
