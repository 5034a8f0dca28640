// C020-C032: metadata in both directions.

#include <gtest/gtest.h>

#include "sections.h"
#include "steps.h"

namespace weft::conformance {
namespace {

std::string all_bytes() {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
  return bytes;
}

// The entries of `seen` whose keys are in `sent`, in order.
Metadata entries_of(const Metadata& seen, const Metadata& sent) {
  Metadata found;
  for (const auto& [key, value] : seen) {
    if (sent.contains(key)) found.add(key, value);
  }
  return found;
}

// Each key's values in order. Between keys, gRPC's C++ server keeps no order.
void expect_same_values(const Metadata& seen, const Metadata& sent) {
  for (const auto& [key, value] : sent) {
    EXPECT_EQ(seen.get_all(key), sent.get_all(key)) << key << " in " << seen.to_string();
  }
  EXPECT_EQ(entries_of(seen, sent).size(), sent.size());
}

// `metadata` goes there, and comes back as headers and as trailers.
Task<> goes_both_ways(Bench& bench, Metadata metadata) {
  StreamOptions options =
      Bench::options(PeerScript().headers(metadata).report().finish(StatusCode::kOk, "", metadata));
  options.metadata = std::move(options.metadata) + metadata;
  ObservedStream stream = bench.start(std::move(options));
  const InitialMetadata headers = co_await stream.headers();
  EXPECT_EQ(headers.metadata.size(), metadata.size());  // nothing but this: T72
  expect_same_values(headers.metadata, metadata);
  const PeerReport report = co_await receive_report(stream);
  expect_same_values(report.metadata, metadata);
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
  EXPECT_EQ(status.trailing_metadata.size(), metadata.size());
  expect_same_values(status.trailing_metadata, metadata);
}

Task<> duplicates(Bench& bench) {
  return goes_both_ways(bench, {{"a", "1"}, {"b", "2"}, {"a", "3"}, {"a", "1"}});
}

Task<> binary(Bench& bench) {
  return goes_both_ways(
      bench, {{"a-bin", all_bytes()}, {"b-bin", "with,commas"}, {"c-bin", std::string(1, '\0')}});
}

Task<> empty_values(Bench& bench) {
  return goes_both_ways(bench, {{"empty", ""}, {"empty-bin", ""}});
}

Task<> internal_headers(Bench& bench) {
  ObservedStream stream = bench.start(PeerScript().headers().message("m").finish());
  const InitialMetadata headers = co_await stream.headers();
  EXPECT_TRUE(headers.metadata.empty()) << headers.metadata.to_string();
  const Received received = co_await stream.receive();
  EXPECT_EQ(told(received), "m:m");
  const CallStatus status = co_await stream.status();
  EXPECT_TRUE(status.trailing_metadata.empty()) << status.trailing_metadata.to_string();
}

Task<> trailers(Bench& bench, CallKind kind, StatusCode code) {
  const Metadata sent{{"t", "1"}, {"t-bin", std::string("\0\xff", 2)}};
  ObservedStream stream =
      bench.start(PeerScript().read_all().message("m").finish(code, "so", sent), kind);
  EXPECT_TRUE(stream.begin_send("go").ok());
  EXPECT_TRUE(stream.begin_close().ok());
  const Received received = co_await stream.receive();
  EXPECT_EQ(told(received), "m:m");
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(status.code, code);
  EXPECT_EQ(status.details, "so");
  EXPECT_EQ(status.trailing_metadata, sent);
}

Task<> trailers_only(Bench& bench) {
  ObservedStream stream =
      bench.start(PeerScript().finish(StatusCode::kNotFound, "none", {{"t", "1"}}));
  EXPECT_TRUE(stream.ask_status().ok());
  const InitialMetadata headers = co_await stream.headers();
  EXPECT_TRUE(headers.metadata.empty());
  if (bench.transport()->capabilities().distinguishes_absent_headers) {
    EXPECT_FALSE(headers.present);
  }
  const Received received = co_await stream.receive();
  EXPECT_NE(received.kind, Received::Kind::message);
  const CallStatus status = co_await stream.ended();
  EXPECT_EQ(told(status), "NOT_FOUND: none");
  EXPECT_EQ(status.trailing_metadata, (Metadata{{"t", "1"}}));
}

Task<> headers_before_message(Bench& bench) {
  ObservedStream stream = bench.start(
      PeerScript().headers({{"early", "1"}}).await(bench.note("go")).message("late").finish());
  EXPECT_TRUE(stream.begin_receive().ok());
  const InitialMetadata headers = co_await stream.headers();
  EXPECT_EQ(headers.metadata.get("early"), "1");
  EXPECT_FALSE(stream.has("receive message"));
  Task<> go = bench.give("go");
  co_await std::move(go);
  const Received received = co_await stream.received();
  EXPECT_EQ(told(received), "m:late");
  const CallStatus status = co_await stream.status();
  EXPECT_EQ(told(status), "OK");
}

Task<> illegal(Bench& bench) {
  const Metadata::Entry entries[] = {{"Upper", "v"},       {"", "v"},      {"sp ace", "v"},
                                     {"grpc-status", "0"}, {":path", "v"}, {"ascii", "new\nline"},
                                     {"ascii", "\xc3\xa4"}};
  for (const auto& [key, value] : entries) {
    StreamOptions options = Bench::options(PeerScript().finish());
    options.metadata.add(key, value);
    ObservedStream stream = bench.start(std::move(options));
    const OperationResult started = co_await stream.started();
    EXPECT_EQ(started, OperationResult::failed) << key;
    const OperationResult sent = co_await stream.send("m");
    EXPECT_EQ(sent, OperationResult::failed) << key;
    const Received received = co_await stream.receive();
    EXPECT_EQ(told(received), "failed") << key;
    const CallStatus status = co_await stream.status();
    EXPECT_EQ(status.code, StatusCode::kInternal) << key;
    EXPECT_EQ(status.progress, Progress::never_left) << key;
  }
}

Task<> large_within_the_limit(Bench& bench) {
  return goes_both_ways(bench, {{"large", std::string(2000, 'x')}});
}

// The three ways over a limit of metadata: the call ends, with an error, and shows none of it.
Task<> too_large(Bench& bench, PeerScript script, std::size_t request_bytes) {
  StreamOptions options = Bench::options(script);
  if (request_bytes > 0) options.metadata.add("large", std::string(request_bytes, 'x'));
  ObservedStream stream = bench.start(std::move(options));
  EXPECT_TRUE(stream.ask_status().ok());
  const InitialMetadata headers = co_await stream.headers();
  EXPECT_FALSE(headers.metadata.contains("large"));
  const Texts texts = co_await drain(stream);
  EXPECT_LE(texts.size(), 2u);
  const CallStatus status = co_await stream.ended();
  EXPECT_FALSE(status.ok());
  EXPECT_FALSE(status.trailing_metadata.contains("large"));
}

constexpr std::size_t over_the_limit = 100'000;

Task<> large_request(Bench& bench) {
  return too_large(bench, PeerScript().finish(), over_the_limit);
}
Task<> large_headers(Bench& bench) {
  return too_large(bench, PeerScript().headers(Metadata(), over_the_limit).finish(), 0);
}
Task<> large_trailers(Bench& bench) {
  return too_large(
      bench, PeerScript().message("m").finish(StatusCode::kOk, "", Metadata(), over_the_limit), 0);
}

Task<> authority(Bench& bench) {
  const PeerScript script = PeerScript().report().finish();
  ObservedStream usual = bench.start(script);
  const PeerReport without = co_await receive_report(usual);
  EXPECT_FALSE(without.authority.empty());
  StreamOptions options = Bench::options(script);
  options.authority = "localhost";
  ObservedStream special = bench.start(std::move(options));
  const PeerReport with = co_await receive_report(special);
  EXPECT_EQ(with.authority, "localhost");
}

}  // namespace

std::vector<Check> metadata_checks() {
  std::vector<Check> checks;
  checks.emplace_back("C020", "T70", "RepeatedKeysKeepTheirOrder", &duplicates);
  checks.emplace_back("C021", "T70", "BinaryValuesCarryAllBytes", &binary);
  checks.emplace_back("C021", "T70", "EmptyValuesArrive", &empty_values);
  for (const CallKind kind : all_kinds) {
    for (const StatusCode code : {StatusCode::kOk, StatusCode::kNotFound}) {
      checks.push_back(Check("C022", "T73",
                             name_of(kind) + (code == StatusCode::kOk ? "HasTrailersWithOk"
                                                                      : "HasTrailersWithAnError"),
                             [kind, code](Bench& bench) { return trailers(bench, kind, code); }));
    }
  }
  checks.emplace_back("C023", "T14 TG1", "TrailersOnlyIsNoErrorOfTheHeaders", &trailers_only);
  checks.emplace_back("C024", "T11", "HeadersComeBeforeADelayedMessage", &headers_before_message);
  checks.emplace_back("C025", "T71 T76", "IllegalMetadataIsRefused", &illegal);
  checks.emplace_back("C027", "T70", "LargeMetadataPasses", &large_within_the_limit);
  checks.push_back(
      Check("C028", "T04", "RequestMetadataOverThePeersLimitEndsTheCall", &large_request)
          .need(Need::metadata_limit));
  checks.push_back(Check("C029", "T04", "HeadersOverTheLimitAreAnErrorAndNotShown", &large_headers)
                       .need(Need::metadata_limit));
  checks.push_back(
      Check("C030", "T04", "TrailersOverTheLimitAreAnErrorAndNotShown", &large_trailers)
          .need(Need::metadata_limit));
  checks.emplace_back("C031", "T72", "InternalHeadersAreNotShown", &internal_headers);
  checks.push_back(Check("C032", "T70", "AuthorityCanBeSet", &authority));
  return checks;
}

}  // namespace weft::conformance
