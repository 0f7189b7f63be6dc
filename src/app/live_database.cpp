// Stores the rounds of a live run, goes on while storing fails, and begins new files.
#include "app/live_database.h"

#include <fmt/core.h>

#include <chrono>
#include <utility>

#include "turnpike/base/error.h"

namespace turnpike::app {

LiveDatabase::LiveDatabase(std::filesystem::path path, store::RunStart start,
                           const store::RotationRule& rule, std::size_t keep)
    : path_(std::move(path)), rotation_(path_, rule, keep), start_(std::move(start)) {
    begin();
}

void LiveDatabase::begin() {
    auto writer = std::make_unique<store::LiveWriter>(path_);
    run_ = writer->begin(start_);
    writer_ = std::move(writer);
}

bool LiveDatabase::store(LiveJudgement& judgement) {
    const auto pending = judgement.pending();
    facts::EachKind<store::RowIndexes> rows;
    rows.for_each([&]<typename Kind>(Kind, auto& indexes) {
        indexes = pending.facts.rows.template of<Kind>();
    });
    try {
        if (!writer_) {
            begin();
        }
        writer_->commit({.observation = judgement.observation(),
                         .result = judgement.result(),
                         .flows = pending.facts.flows,
                         .verdicts = pending.verdicts,
                         .rows = rows,
                         .quality = judgement.quality(),
                         .counts = judgement.counts()});
    } catch (const base::Error& error) {
        trouble_ = error.what();
        judgement.not_stored();
        return false;
    }
    trouble_.clear();
    judgement.stored(pending);
    return true;
}

std::vector<std::string> LiveDatabase::rotate(LiveJudgement& judgement) {
    const auto now = base::now();
    if (!rotation_.due(start_.started_at, now, writer_->size())) {
        return {};
    }
    std::vector<std::string> lines;
    judgement.judge(false);  // in this database nothing more is to come
    if (!store(judgement)) {
        return lines;  // tried again with the next second
    }
    try {
        writer_->end(true);
    } catch (const base::Error& error) {
        // Tried again with the next second, but said once.
        if (std::exchange(told_, error.what()) != error.what()) {
            lines.push_back(told_);
        }
        return lines;
    }
    told_.clear();
    writer_.reset();
    run_.reset();
    auto outcome = rotation_.rotate(start_.started_at);
    lines = std::move(outcome.notices);
    if (!outcome.put_aside.empty()) {
        lines.push_back(fmt::format("{} holds what was seen so far; {} begins anew",
                                    outcome.put_aside.string(), path_.string()));
    }
    start_.started_at = now;
    judgement.restart();
    try {
        begin();
    } catch (const base::Error& error) {
        trouble_ = error.what();  // `store` tries again
    }
    return lines;
}

void LiveDatabase::end(bool complete) {
    if (writer_) {
        writer_->end(complete);
        writer_.reset();  // with its log, for whoever reads the file next
    }
}

}  // namespace turnpike::app
