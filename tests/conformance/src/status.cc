// C033-C039: how calls end.

#include <gtest/gtest.h>

#include "sections.h"
#include "steps.h"

namespace weft::conformance {
namespace {

Task<> ends_with(Bench& bench, StatusCode code, std::string text, bool behind_a_message) {
  PeerScript script;
  if (behind_a_message) script.message("m");
  ObservedStream stream = bench.start(script.finish(code, text));
  EXPECT_TRUE(stream.ask_status().ok());
  const Texts texts = co_await drain(stream);
  EXPECT_EQ(texts.size(), behind_a_message ? 2u : 1u);
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(status.code, code);
  EXPECT_EQ(status.details, text);
  EXPECT_FALSE(status.locally_cancelled);
}

Task<> all_codes(Bench& bench, bool behind_a_message) {
  for (int number = 0; number <= 16; ++number) {
    Task<> call = ends_with(bench, static_cast<StatusCode>(number), "as told", behind_a_message);
    co_await std::move(call);
  }
}

Task<> local_failure(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers({{"h", "1"}}).wait_for_cancel());
  EXPECT_TRUE(stream.cancel(StatusCode::kAborted, "locally"));
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "ABORTED: locally");
  EXPECT_TRUE(status.trailing_metadata.empty());
}

Task<> debug_string(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().finish(StatusCode::kNotFound, "none"));
  const CallStatus status = co_await stream.status();
  EXPECT_TRUE(status.debug_error_string.has_value());
}

}  // namespace

std::vector<Check> status_checks() {
  std::vector<Check> checks;
  checks.push_back(Check("C033", "T73 TG1", "AllCodesArriveAsTrailersOnly", [](Bench& bench) {
                     return all_codes(bench, false);
                   }).within(1, independent_calls));
  checks.push_back(Check("C033", "T73 T15", "AllCodesArriveBehindAMessage", [](Bench& bench) {
                     return all_codes(bench, true);
                   }).within(1, independent_calls));
  checks.push_back(Check("C034", "T73", "TextIsUnicode", [](Bench& bench) {
    return ends_with(bench, StatusCode::kNotFound, "nichts f\u00fcr \u5341 \U0001F600 %41\r\n",
                     false);
  }));
  checks.push_back(Check("C035", "T73", "OkMayCarryText", [](Bench& bench) {
    return ends_with(bench, StatusCode::kOk, "all is well", true);
  }));
  checks.emplace_back("C038", "T74", "LocalStatusHasEmptyTrailers", &local_failure);
  checks.emplace_back("C039", "T75", "ErrorHasADebugString", &debug_string);
  return checks;
}

}  // namespace weft::conformance
