// The verdict on each flow as rows, with its candidates and its story.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/catalog_rows.h"
#include "store/json_list.h"
#include "store/row_table.h"
#include "store/verdict_tables.h"
#include "turnpike/facts/facts.h"
#include "turnpike/verdict/result.h"
#include "turnpike/verdict/story.h"

namespace turnpike::store {

class FlowVerdictRows {
  public:
    /// What verdicts refer to must be in `catalog` (CatalogRows::put_attributed).
    FlowVerdictRows(const RowTarget& target, std::int64_t run,
                    const facts::Observation& observation, const verdict::RunResult& result,
                    const CatalogRows& catalog, const verdict::StoryQueries& queries);

    /// Writes the verdict on the flow with that index.
    void put(std::uint32_t index);
    /// The same, of rows that another of this kind made.
    void take(const EncodedRows& rows) { rows_.take(rows); }
    /// No row will come any more.
    void finish() { rows_.finish(); }

  private:
    [[nodiscard]] std::int64_t key(std::uint64_t number) const noexcept {
        return row_key(run_, number);
    }
    void put_verdict(std::int64_t flow, const verdict::FlowVerdict& verdict);
    void list_candidates(const verdict::FlowVerdict& verdict);
    void list_story(const facts::Flow& facts, const verdict::FlowVerdict& verdict);
    /// Appends what is listed of an event, as JSON.
    void write_event(const verdict::StoryEvent& event, std::string& item);
    /// What is listed of a DNS message, as JSON.
    [[nodiscard]] std::string_view message_item(const verdict::StoryEvent& event);

    std::int64_t run_;
    const facts::Observation& observation_;
    const verdict::RunResult& result_;
    const CatalogRows& catalog_;
    RowTable<decltype(flow_verdict_table)> rows_;
    verdict::Stories stories_;
    // What a row refers to while it is bound. A candidate is its rank, product, rule, confidence,
    // ports and what matched, an event its packet, microseconds and text: the views flow_candidates
    // and flow_events take them apart by their widths.
    JsonList candidates_;
    JsonList story_;
    std::string evidence_;
    std::string notes_;
    /// A flow tells of up to sixteen questions for its name, and so does the next one of the same
    /// client. A bounded number of places, in which later messages displace earlier ones.
    struct Message {
        std::uint64_t number = 0;  ///< StoryEvent::message
        std::string item;
    };
    std::vector<Message> messages_;
};

}  // namespace turnpike::store
