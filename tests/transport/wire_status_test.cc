// Which status a call gets for what the wire does to it.

#include "weft/transport/wire_status.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::test {
namespace {

using enum StatusCode;
using enum Progress;
using enum Http2Error;
using Direction = WireCondition::Direction;

static_assert(std::is_trivially_copyable_v<WireCondition>);

CallStatus from_trailers(StatusCode code, std::string details) {
  CallStatus status(code, std::move(details));
  status.trailing_metadata.add("seen-by", "the peer");
  return status;
}

// --- RST_STREAM (T83, F4) ---

class ResetRow {
 public:
  ResetRow(Http2Error sent_error, std::uint32_t wire_number, std::string_view wire_name,
           StatusCode expected)
      : error(sent_error), number(wire_number), name(wire_name), code(expected) {}
  Http2Error error;
  std::uint32_t number;
  std::string_view name;
  StatusCode code;
};

const std::vector<ResetRow> resets = {
    {no_error, 0, "NO_ERROR", kInternal},
    {protocol_error, 1, "PROTOCOL_ERROR", kInternal},
    {internal_error, 2, "INTERNAL_ERROR", kInternal},
    {flow_control_error, 3, "FLOW_CONTROL_ERROR", kInternal},
    {settings_timeout, 4, "SETTINGS_TIMEOUT", kInternal},
    {stream_closed, 5, "STREAM_CLOSED", kInternal},
    {frame_size_error, 6, "FRAME_SIZE_ERROR", kInternal},
    {refused_stream, 7, "REFUSED_STREAM", kUnavailable},
    {cancel, 8, "CANCEL", kCancelled},
    {compression_error, 9, "COMPRESSION_ERROR", kInternal},
    {connect_error, 10, "CONNECT_ERROR", kInternal},
    {enhance_your_calm, 11, "ENHANCE_YOUR_CALM", kResourceExhausted},
    {inadequate_security, 12, "INADEQUATE_SECURITY", kPermissionDenied},
};

TEST(Http2Error, HasTheProtocolsNumbersAndNames) {
  for (const ResetRow& row : resets) {
    EXPECT_EQ(static_cast<std::uint32_t>(row.error), row.number);
    EXPECT_EQ(to_string(row.error), row.name);
  }
  EXPECT_EQ(to_string(static_cast<Http2Error>(13)), "?");
}

TEST(WireStatus, OfAResetFollowsItsErrorCode) {
  for (const ResetRow& row : resets) {
    const CallStatus status = status_of(WireCondition::reset(row.error));
    EXPECT_EQ(status.code, row.code) << row.name;
    EXPECT_EQ(status.details, "the peer reset the stream (" + std::string(row.name) + ")");
  }
}

TEST(WireStatus, OfAResetWithAnUnknownErrorCodeIsInternalAndNamesTheNumber) {
  for (const std::uint32_t number : {13u, 14u, 255u, 0xffffffffu}) {
    const CallStatus status = status_of(WireCondition::reset(static_cast<Http2Error>(number)));
    EXPECT_EQ(status.code, kInternal) << number;
    EXPECT_EQ(status.details,
              "the peer reset the stream (HTTP/2 error " + std::to_string(number) + ")");
  }
}

TEST(WireStatus, OnlyARefusedStreamIsAResetOfWhichThePeerRanNothing) {  // T76
  for (const ResetRow& row : resets) {
    EXPECT_EQ(status_of(WireCondition::reset(row.error)).progress,
              row.error == refused_stream ? refused_unprocessed : maybe_processed)
        << row.name;
  }
}

TEST(WireStatus, OfAResetWithCancelAfterTheDeadlineIsTheDeadlines) {  // B231, F10
  const CallStatus status = status_of(WireCondition::reset(cancel), true);
  EXPECT_EQ(status.code, kDeadlineExceeded);
  EXPECT_EQ(status.details, "Deadline Exceeded");
  EXPECT_EQ(status.progress, maybe_processed);
  EXPECT_FALSE(status.locally_cancelled);
}

TEST(WireStatus, OfAResetWithCancelAfterTheDeadlineRemembersTheResetForDebugging) {  // T75
  const CallStatus status = status_of(WireCondition::reset(cancel), true);
  EXPECT_EQ(status.debug_error_string,
            "the peer reset the stream (CANCEL) after the deadline had passed; "
            "progress: maybe processed");
}

TEST(WireStatus, OfAResetWithCancelBeforeTheDeadlineIsCancelledButNotLocally) {  // F10, T38
  const CallStatus status = status_of(WireCondition::reset(cancel), false);
  EXPECT_EQ(status.code, kCancelled);
  EXPECT_FALSE(status.locally_cancelled);
}

// --- HTTP status without grpc-status (F15, F18) ---

class HttpRow {
 public:
  HttpRow(std::uint32_t status, StatusCode expected) : http_status(status), code(expected) {}
  std::uint32_t http_status;
  StatusCode code;
};

TEST(WireStatus, WithoutAGrpcStatusFollowsTheHttpStatus) {
  const std::vector<HttpRow> rows = {
      {400, kInternal},      {401, kUnauthenticated}, {403, kPermissionDenied},
      {404, kUnimplemented}, {429, kUnavailable},     {431, kInternal},
      {502, kUnavailable},   {503, kUnavailable},     {504, kUnavailable},
  };
  for (const HttpRow& row : rows) {
    const CallStatus status = status_of(WireCondition::missing_status(row.http_status));
    EXPECT_EQ(status.code, row.code) << row.http_status;
    EXPECT_EQ(status.details, "the peer ended the call without a grpc-status (HTTP status " +
                                  std::to_string(row.http_status) + ")");
  }
}

TEST(WireStatus, WithoutAGrpcStatusIsUnknownForSuccessAndForAllOtherHttpStatuses) {  // T73
  for (const std::uint32_t http_status : {200u, 0u, 100u, 199u, 201u, 204u, 301u, 302u, 402u, 405u,
                                          408u, 418u, 430u, 500u, 501u, 505u, 65535u}) {
    EXPECT_EQ(status_of(WireCondition::missing_status(http_status)).code, kUnknown) << http_status;
  }
}

// --- the fault catalogue ---

class FaultRow {
 public:
  FaultRow(const char* row_fault, WireCondition row_condition, StatusCode expected_code,
           Progress expected_progress, std::string_view expected_details)
      : fault(row_fault),
        condition(row_condition),
        code(expected_code),
        progress(expected_progress),
        details(expected_details) {}
  const char* fault;
  WireCondition condition;
  StatusCode code;
  Progress progress;
  std::string_view details;
};

const std::vector<FaultRow> faults = {
    {"F1 connection refused", WireCondition::connection_refused(), kUnavailable, never_left,
     "no connection to the peer could be made"},
    {"F2 connection lost", WireCondition::connection_lost(), kUnavailable, maybe_processed,
     "the connection to the peer was lost"},
    {"F4 stream refused", WireCondition::reset(refused_stream), kUnavailable, refused_unprocessed,
     "the peer reset the stream (REFUSED_STREAM)"},
    {"F5 GOAWAY below the stream", WireCondition::going_away_unprocessed(), kUnavailable,
     refused_unprocessed, "the peer is going away and did not process the call"},
    {"F7 keepalive unanswered", WireCondition::keepalive_timeout(), kUnavailable, maybe_processed,
     "the peer did not answer a keepalive ping"},
    {"F8 deadline", WireCondition::deadline(), kDeadlineExceeded, maybe_processed,
     "Deadline Exceeded"},
    {"F9 deadline before start", WireCondition::deadline_before_start(), kDeadlineExceeded,
     never_left, "Deadline Exceeded"},
    {"F15 missing trailers", WireCondition::missing_status(200), kUnknown, maybe_processed,
     "the peer ended the call without a grpc-status (HTTP status 200)"},
    {"F16 status unparsable", WireCondition::unparsable_status(), kUnknown, maybe_processed,
     "the peer's grpc-status cannot be parsed"},
    {"F18 not gRPC", WireCondition::missing_status(503), kUnavailable, maybe_processed,
     "the peer ended the call without a grpc-status (HTTP status 503)"},
    {"F19 truncated message", WireCondition::truncated_message(), kInternal, maybe_processed,
     "the peer ended the stream within a message"},
    {"F21 receive limit", WireCondition::message_too_large(5000, 4096, Direction::received),
     kResourceExhausted, maybe_processed, "Received message larger than max (5000 vs. 4096)"},
    {"F21 send limit", WireCondition::message_too_large(5000, 4096, Direction::sent),
     kResourceExhausted, maybe_processed, "Sent message larger than max (5000 vs. 4096)"},
    {"F22 unknown encoding", WireCondition::unknown_compression(), kInternal, maybe_processed,
     "the peer compressed a message by an encoding that is unknown or was not named"},
    {"F22 decompression failure", WireCondition::decompression_failed(), kInternal, maybe_processed,
     "the peer's message cannot be decompressed"},
    {"F22 our encoding refused", WireCondition::compression_refused(), kUnimplemented,
     maybe_processed, "the peer does not support the call's compression"},
    {"F25 wrong order", WireCondition::grammar_violation(), kInternal, maybe_processed,
     "the peer broke the order of headers, messages and trailers"},
    {"F33 shut down", WireCondition::transport_shut_down(), kUnavailable, never_left,
     "the transport is shut down"},
    {"F34 credentials failed", WireCondition::credentials_failed("no token today"), kUnavailable,
     never_left, "the call credentials failed: no token today"},
    {"F34 credentials failed for no reason", WireCondition::credentials_failed(""), kUnavailable,
     never_left, "the call credentials failed"},
    {"F34 credentials in plaintext", WireCondition::insecure_credentials(), kInternal, never_left,
     "Call credentials are only valid on secure channels"},
    {"F35 unknown method", WireCondition::unknown_method(), kUnimplemented, maybe_processed,
     "the peer does not know the method"},
    {"F36 allocation refused", WireCondition::allocation_refused(), kResourceExhausted,
     maybe_processed, "there is no memory for the peer's message"},
};

TEST(WireStatus, OfAFaultHasItsCodeItsTextAndItsProgress) {
  for (const FaultRow& row : faults) {
    SCOPED_TRACE(row.fault);
    const CallStatus status = status_of(row.condition);
    EXPECT_EQ(status_code_name(status.code), status_code_name(row.code));
    EXPECT_EQ(status.details, row.details);
    EXPECT_EQ(to_string(status.progress), to_string(row.progress));
  }
}

TEST(WireStatus, IsMadeHereSoItHasADebugStringAndNoTrailers) {  // T74, T75
  for (const FaultRow& row : faults) {
    SCOPED_TRACE(row.fault);
    const CallStatus status = status_of(row.condition);
    EXPECT_TRUE(status.trailing_metadata.empty());
    EXPECT_FALSE(status.locally_cancelled);
    EXPECT_EQ(status.debug_error_string,
              to_string(row.condition) + "; progress: " + std::string(to_string(status.progress)));
  }
}

TEST(WireStatus, IsNotTouchedByAnExpiredDeadlineUnlessThePeerCancelled) {  // F8
  std::vector<WireCondition> conditions;
  for (const FaultRow& row : faults) conditions.push_back(row.condition);
  for (const ResetRow& row : resets) {
    if (row.error != cancel) conditions.push_back(WireCondition::reset(row.error));
  }
  for (const WireCondition& condition : conditions) {
    const CallStatus before = status_of(condition, false);
    const CallStatus after = status_of(condition, true);
    EXPECT_EQ(after.code, before.code) << to_string(condition);
    EXPECT_EQ(after.details, before.details);
    EXPECT_EQ(after.debug_error_string, before.debug_error_string);
    EXPECT_EQ(after.progress, before.progress);
  }
}

// --- after the peer's status (T16, T32, F3, F28) ---

TEST(WireStatus, ThatWasReceivedIsNotReplacedByAReset) {  // whatever its code, NO_ERROR above all
  for (const ResetRow& row : resets) {
    for (const bool deadline_expired : {false, true}) {
      const CallStatus status = ended_by(from_trailers(kNotFound, "no such thing"),
                                         WireCondition::reset(row.error), deadline_expired);
      EXPECT_EQ(status.to_string(), "NOT_FOUND: no such thing") << row.name;
      EXPECT_EQ(status.trailing_metadata.get("seen-by"), "the peer");
    }
  }
}

TEST(WireStatus, OkThatWasReceivedIsNotReplacedByWhatHappensToTheConnection) {
  for (const WireCondition& condition :
       {WireCondition::connection_lost(), WireCondition::going_away_unprocessed(),
        WireCondition::keepalive_timeout(), WireCondition::reset(no_error),
        WireCondition::reset(cancel), WireCondition::missing_status(200),
        WireCondition::grammar_violation(), WireCondition::deadline(),
        WireCondition::message_too_large(5000, 4096, Direction::sent)}) {
    EXPECT_TRUE(ended_by(from_trailers(kOk, ""), condition, true).ok()) << to_string(condition);
  }
}

TEST(WireStatus, ThatWasReceivedIsReplacedWhenAMessageBeforeItHasToBeDropped) {  // T16
  for (const WireCondition& condition :
       {WireCondition::message_too_large(5000, 4096, Direction::received),
        WireCondition::truncated_message(), WireCondition::unknown_compression(),
        WireCondition::decompression_failed(), WireCondition::allocation_refused()}) {
    const CallStatus status = ended_by(from_trailers(kOk, ""), condition);
    EXPECT_EQ(status.code, status_of(condition).code) << to_string(condition);
    EXPECT_EQ(status.details, to_string(condition));
    EXPECT_TRUE(status.trailing_metadata.empty());
  }
}

TEST(WireStatus, WithoutOneFromThePeerIsTheConditions) {
  for (const FaultRow& row : faults) {
    const CallStatus status = ended_by(std::nullopt, row.condition);
    EXPECT_EQ(status.code, row.code) << row.fault;
    EXPECT_EQ(status.details, row.details);
  }
  EXPECT_EQ(ended_by(std::nullopt, WireCondition::reset(cancel), true).to_string(),
            "DEADLINE_EXCEEDED: Deadline Exceeded");
}

TEST(WireCondition, IsAValueThatTellsItsParameters) {
  constexpr WireCondition large = WireCondition::message_too_large(7, 5, Direction::sent);
  static_assert(large.kind() == WireCondition::Kind::message_too_large);
  static_assert(large.direction() == Direction::sent);
  static_assert(large.size() == 7);
  static_assert(large.limit() == 5);
  static_assert(WireCondition::reset(cancel).error() == cancel);
  static_assert(WireCondition::missing_status(404).http_status() == 404);
  static_assert(WireCondition::credentials_failed("why").reason() == "why");
  EXPECT_EQ(WireCondition::reset(cancel), WireCondition::reset(cancel));
  EXPECT_NE(WireCondition::reset(cancel), WireCondition::reset(no_error));
  EXPECT_NE(WireCondition::deadline(), WireCondition::deadline_before_start());
  EXPECT_NE(large, WireCondition::message_too_large(7, 5, Direction::received));
}

}  // namespace
}  // namespace weft::test
