// Writes a whole run: facts as pages where possible, then verdicts.
#include "turnpike/store/writer.h"

#include <utility>

#include "store/fact_rows.h"
#include "store/run_row.h"
#include "store/session.h"
#include "store/verdict_rows.h"

namespace turnpike::store {

Writer::Writer(const std::filesystem::path& path) : session_(std::make_unique<Session>(path)) {}
Writer::Writer(InMemory where) : session_(std::make_unique<Session>(where)) {}
Writer::~Writer() = default;

std::int64_t Writer::begin(const RunStart& start) {
    const auto run = session_->begin(start);
    goes_on_ = true;
    return run;
}

void Writer::write_facts(const facts::Observation& observation) {
    auto& database = session_->database();
    if (const auto file = session_->fresh() ? open_for_facts(database) : nullptr) {
        write_fact_rows(RowTarget(*file), session_->run(), observation);
        file->finish();
        return;
    }
    Batch batch(database);
    write_fact_rows({database, batch, Writing::append}, session_->run(), observation);
    batch.commit();
}

void Writer::write_verdicts(const facts::Observation& observation,
                            const verdict::RunResult& result) {
    begin_verdicts(observation, result);
    write_flow_verdicts();
    write_summary();
}

void Writer::begin_verdicts(const facts::Observation& observation,
                            const verdict::RunResult& result) {
    verdicts_ = std::make_unique<RunVerdicts>(session_->database(), session_->run(), observation,
                                              result, session_->fresh());
}

void Writer::write_flow_verdicts() {
    verdicts_->write_flows();
}

void Writer::help_with_flow_verdicts() {
    verdicts_->help_with_flows();
}

void Writer::write_summary() {
    verdicts_->write_summary();
    verdicts_.reset();
}

void Writer::end(const facts::CaptureQuality& quality, bool complete) {
    Batch batch(session_->database());
    KnownRows problems;
    write_quality(session_->database(), batch, session_->run(), quality, problems);
    write_complete(session_->database(), session_->run(), complete);
    batch.commit();
    goes_on_ = false;
}

bool Writer::give_up() noexcept {
    verdicts_.reset();  // with what it has not committed
    return std::exchange(goes_on_, false) && session_->take_back();
}

}  // namespace turnpike::store
