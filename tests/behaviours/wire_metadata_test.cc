// Metadata between the client and the server.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "each_kind.h"

namespace weft::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string every_byte() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

BEHAVIOUR_OF_EACH_KIND(WireMetadata, OfTheClientReachesTheServerAsTextAndAsBytes, "B360 B365") {
  auto call = open(setting.channel(), method, request("x"),
                   CallOptions()
                       .metadata("echo-initial", "text, with ~ and a comma")
                       .metadata("echo-initial-bin", every_byte())
                       .metadata("echo-trailing-bin", std::string("\0", 1)));
  auto ending = end_of(call);
  EXPECT_EQ(co_await std::move(ending), absl::OkStatus());
  const Metadata initial = co_await call.initial_metadata();
  EXPECT_EQ(initial.get("echo-initial"), "text, with ~ and a comma");
  EXPECT_EQ(initial.get("echo-initial-bin"), every_byte());
  const Metadata trailing = co_await call.trailing_metadata();
  EXPECT_EQ(trailing.get("echo-trailing-bin"), std::string("\0", 1));
}

BEHAVIOUR(WireMetadata, MayBeGivenAsAPlainListOfPairs, "B361") {
  const std::vector<std::pair<std::string, std::string>> pairs = {{"echo-initial", "a"},
                                                                  {"echo-initial", "b"}};
  const CallOptions options[] = {
      CallOptions().metadata({{"echo-initial", "a"}, {"echo-initial", "b"}}),
      CallOptions().metadata(Metadata(pairs))};
  for (const CallOptions& each : options) {
    auto call = setting.channel().unary_unary(unary_unary, request("x"), each);
    const Metadata initial = co_await call.initial_metadata();
    EXPECT_THAT(initial.get_all("echo-initial"), ElementsAre("a", "b"));
  }
}

BEHAVIOUR_OF_EACH_KIND(WireMetadata, OfTheServersHeadersIsThereBeforeTheResponse, "B362") {
  auto call = open(setting.channel(), method, silent_request(),
                   headers_at_once().metadata("echo-initial", "early"));
  const Metadata initial = co_await call.initial_metadata();
  EXPECT_EQ(initial.get("echo-initial"), "early");
  EXPECT_FALSE(call.done());
}

BEHAVIOUR_OF_EACH_KIND(WireMetadata, OfTheServersTrailersComesWithSuccess, "B363") {
  auto call = open(setting.channel(), method, request("x"),
                   CallOptions().metadata("echo-trailing", "the end"));
  auto ending = end_of(call);
  EXPECT_EQ(co_await std::move(ending), absl::OkStatus());
  const Metadata trailing = co_await call.trailing_metadata();
  EXPECT_EQ(trailing.get("echo-trailing"), "the end");
}

BEHAVIOUR_OF_EACH_KIND(WireMetadata, OfTheServersTrailersComesWithAnError, "B363 B371") {
  auto call = open(setting.channel(), method, failing_request(StatusCode::kAborted, "too late", 1),
                   CallOptions().metadata("echo-trailing", "the end"));
  auto ending = end_of(call);
  EXPECT_THAT(co_await std::move(ending), IsError(StatusCode::kAborted, "too late"));
  const Metadata trailing = co_await call.trailing_metadata();
  EXPECT_EQ(trailing.get("echo-trailing"), "the end");
}

BEHAVIOUR_OF_EACH_KIND(WireMetadata, ThatRepeatsAKeyKeepsAllValuesInOrder, "B364") {
  auto call = open(setting.channel(), method, request("x"),
                   CallOptions()
                       .metadata("echo-initial", "one")
                       .metadata("echo-trailing-bin", "\x01")
                       .metadata("echo-initial", "two")
                       .metadata("echo-initial", "one")
                       .metadata("echo-trailing-bin", "\x02"));
  auto ending = end_of(call);
  EXPECT_EQ(co_await std::move(ending), absl::OkStatus());
  const Metadata initial = co_await call.initial_metadata();
  EXPECT_THAT(initial.get_all("echo-initial"), ElementsAre("one", "two", "one"));
  const Metadata trailing = co_await call.trailing_metadata();
  EXPECT_THAT(trailing.get_all("echo-trailing-bin"), ElementsAre("\x01", "\x02"));
}

template <class Key, class Value>
concept IsEntry =
    requires(Metadata metadata, Key key, Value value) { metadata.add(std::move(key), value); };

BEHAVIOUR(WireMetadata, OfOtherTypesDoesNotCompile, "B366 B367 B369") {
  static_assert(IsEntry<std::string, std::string>);
  static_assert(!IsEntry<std::string, int>);
  static_assert(!IsEntry<int, std::string>);
  static_assert(!IsEntry<std::string, std::nullptr_t*>);
  static_assert(!std::is_constructible_v<Metadata, std::map<std::string, std::string>>);
  static_assert(!std::is_constructible_v<Metadata, int>);
  co_return;
}

// Everything that such a call can be asked for says the same, at once.
template <class TypedCall>
Task<> expect_refused(TypedCall call, std::string why) {
  EXPECT_TRUE(call.done());
  EXPECT_EQ(call.outcome()->progress, Progress::never_left);
  auto ending = end_of(call);
  EXPECT_THAT(co_await std::move(ending), HasCode(StatusCode::kInternal));
  EXPECT_EQ(co_await call.code(), StatusCode::kInternal);
  EXPECT_THAT(co_await call.details(), HasSubstr(why));
  EXPECT_THAT(co_await call.wait_for_connection(), HasCode(StatusCode::kInternal));
  EXPECT_THAT(co_await call.initial_metadata(), IsEmpty());
  EXPECT_THAT(co_await call.trailing_metadata(), IsEmpty());
  EXPECT_FALSE(call.cancel());
}

BEHAVIOUR_OF_EACH_KIND(WireMetadata, WithAnIllegalKeyRefusesTheCall,
                       "B366 B367 B368 R1-02 R1-25 R2-08") {
  for (const std::string key :
       {"Upper", "a space", "", "grpc-reserved", ":path", "umlaut-\xc3\xa4"}) {
    auto call = open(setting.channel(), method, request("x"), CallOptions().metadata(key, "v"));
    auto refused = expect_refused(call, "key");
    co_await std::move(refused);
  }
}

BEHAVIOUR_OF_EACH_KIND(WireMetadata, WithAnIllegalValueRefusesTheCall,
                       "B366 B367 B368 R1-25 R2-08 R2-09") {
  for (const std::string value : {"\n", "\xc3\xa4", "\x7f"}) {
    auto call = open(setting.channel(), method, request("x"), CallOptions().metadata("key", value));
    auto refused = expect_refused(call, "value");
    co_await std::move(refused);
  }
}

template <class TypedCall>
Task<> expect_no_write(TypedCall call) {
  const EchoRequest message = request("x");
  EXPECT_THAT(co_await call.write(message), IsUsageError("RPC already finished."));
  EXPECT_EQ(co_await call.done_writing(), absl::OkStatus());
}

BEHAVIOUR(WireMetadata, ThatIsIllegalLeavesNoWriteWaiting, "B367 B368 R2-08") {
  auto collecting =
      setting.channel().stream_unary(stream_unary, CallOptions().metadata("Not A Key", "v"));
  auto first = expect_no_write(collecting);
  co_await std::move(first);
  auto talking =
      setting.channel().stream_stream(stream_stream, CallOptions().metadata("Not A Key", "v"));
  auto second = expect_no_write(talking);
  co_await std::move(second);
}

// The test servers find no method for such a call.
BEHAVIOUR_OF_EACH_KIND(WireMetadata, IsThereWhenTheServerLooksForAHandler, "B370") {
  auto call =
      open(setting.channel(), method, request("x"), CallOptions().metadata("not-served", "1"));
  auto ending = end_of(call);
  EXPECT_THAT(co_await std::move(ending), HasCode(StatusCode::kUnimplemented));
}

BEHAVIOUR_OF_EACH_KIND(WireMetadata, IsThatOfTheMomentOfTheCall, "B372") {
  Metadata metadata{{"echo-initial", "then"}};
  CallOptions options;
  options.metadata(metadata);
  auto call = open(setting.channel(), method, request("x"), options);
  metadata.set("echo-initial", "now");
  options.metadata("echo-initial", "now");
  auto ending = end_of(call);
  EXPECT_EQ(co_await std::move(ending), absl::OkStatus());
  const Metadata initial = co_await call.initial_metadata();
  EXPECT_THAT(initial.get_all("echo-initial"), ElementsAre("then"));
}

}  // namespace
}  // namespace weft::test
