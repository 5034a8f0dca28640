#include "scenario_player.h"

#include <unistd.h>

#include <stdexcept>
#include <utility>

#include "echo_requests.h"
#include "weft/api/block_on.h"
#include "weft/api/sleep.h"
#include "weft/api/usage_error.h"
#include "weft/api/when_any.h"
#include "weft/conformance/turn.h"
#include "weft/transport/checked_transport.h"
#include "weft/transport/detail/text.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace weft::test {
namespace {

constexpr absl::Duration longest_step = absl::Seconds(10);
// Enough for whatever is ready to have happened.
constexpr int turns = 30;

template <CallKind kind>
MethodDescriptor<kind, EchoRequest, EchoResponse> method(const std::string& name) {
  return MethodDescriptor<kind, EchoRequest, EchoResponse>(name);
}

template <class AnyCall>
std::unique_ptr<PlayedCall> played(AnyCall call) {
  return std::make_unique<TypedCall<AnyCall>>(std::move(call));
}

}  // namespace

ScenarioPlayer::ScenarioPlayer(const Json& scenario, const Surroundings& surroundings)
    : scenario_(scenario),
      name_(detail::text("weft.", getpid(), ".", scenario.at("name").get<std::string>())) {
  const std::string where = scenario_.value("target", "server");
  std::string target = surroundings.server_target;
  if (where == "unreachable") target = surroundings.unreachable_target;
  if (where == "own") {
    server_.emplace(Peer::start(surroundings.server_command));
    target = server_->target();
  }
  GrpcTransportOptions options;
  if (scenario_.contains("receive_bytes_max")) {
    options.receive_bytes_max(scenario_.at("receive_bytes_max"));
  }
  channel_.emplace(
      std::make_shared<CheckedTransport>(GrpcTransport::create(target, options).value()), loop_);
}

ScenarioPlayer::~ScenarioPlayer() {
  backgrounds_.clear();
  call_.reset();
  channel_.reset();
}

Json ScenarioPlayer::play() {
  return block_on(loop_, play_all());
}

Task<Json> ScenarioPlayer::play_all() {
  Json observations = Json::array();
  for (const Json& what : scenario_.at("steps")) {
    Json copy = what;
    auto step_task = step(std::move(copy));
    auto limited = when_any(std::move(step_task), sleep_for(loop_, longest_step));
    auto winner = co_await std::move(limited);
    if (winner.index() == 1) {
      observations.push_back("hangs");
      break;
    }
    observations.push_back(std::get<0>(std::move(winner)));
  }
  co_return observations;
}

const std::map<std::string, ScenarioPlayer::Step, std::less<>>& ScenarioPlayer::steps() {
  using Self = ScenarioPlayer;
  static const std::map<std::string, Step, std::less<>> all = {
      {"open", &Self::open},
      {"await", &Self::response},
      {"read", &Self::read},
      {"next", &Self::next},
      {"iterate_again", &Self::iterate_again},
      {"write", &Self::write},
      {"done_writing", &Self::done_writing},
      {"wait_for_connection", &Self::wait_for_connection},
      {"cancel", &Self::cancel},
      {"drop", &Self::drop},
      {"done", &Self::done},
      {"cancelled", &Self::cancelled},
      {"code", &Self::code},
      {"details", &Self::details},
      {"initial_metadata", &Self::initial_metadata},
      {"trailing_metadata", &Self::trailing_metadata},
      {"debug_string", &Self::debug_string},
      {"time_remaining", &Self::time_remaining},
      {"text", &Self::text},
      {"error", &Self::error},
      {"add_callback", &Self::callback},
      {"callbacks", &Self::callbacks},
      {"wait_for_callback", &Self::wait_for_callback},
      {"pulled", &Self::pulled},
      {"start", &Self::start},
      {"pending", &Self::pending},
      {"join", &Self::join},
      {"cancel_task", &Self::cancel_task},
      {"end_at_server", &Self::end_at_server},
      {"stop_server", &Self::stop_server},
      {"close", &Self::close},
      {"channel_state", &Self::channel_state},
      {"channel_ready", &Self::channel_ready}};
  return all;
}

Task<Json> ScenarioPlayer::step(Json what) {
  const Step does = steps().at(what.at(0).get<std::string>());
  what.erase(0);
  return (this->*does)(std::move(what));
}

Task<> ScenarioPlayer::let_things_happen() {
  for (int turn = 0; turn < turns; ++turn) {
    const conformance::Turn next(loop_);
    co_await next;
  }
}

// --- the call ---

AsyncGenerator<EchoRequest> ScenarioPlayer::source(Json what) {
  for (const Json& item : what.at("items")) {
    ++pulled_;
    EchoRequest message = request_of(item);
    co_yield std::move(message);
  }
  const std::string then = what.value("then", "");
  if (then == "wait") co_await sleep_for(loop_, absl::Hours(24));
  if (then == "throw") throw std::runtime_error("the source failed");
}

CallOptions ScenarioPlayer::options() const {
  CallOptions result;
  const Json wishes = scenario_.value("options", Json::object());
  if (wishes.contains("timeout")) result.timeout(absl::Seconds(wishes.at("timeout").get<double>()));
  if (wishes.contains("wait_for_ready")) result.wait_for_ready(wishes.at("wait_for_ready"));
  if (wishes.contains("metadata")) result.metadata(metadata_of(wishes.at("metadata"), name_));
  return result;
}

std::unique_ptr<PlayedCall> ScenarioPlayer::make_call() {
  static const std::map<std::string, std::string> usual_methods = {
      {"unary_unary", "UnaryUnary"},
      {"unary_stream", "UnaryStream"},
      {"stream_unary", "StreamUnary"},
      {"stream_stream", "StreamStream"}};
  const std::string kind = scenario_.at("kind");
  // Descriptors refer to their names.
  static std::string name;
  name = scenario_.value("method", "/weft.test.Echo/" + usual_methods.at(kind));
  if (kind == "unary_unary" || kind == "unary_stream") {
    const EchoRequest request = request_of(scenario_.value("request", Json::object()));
    return kind == "unary_unary" ? played(channel_->unary_unary(method<CallKind::unary_unary>(name),
                                                                request, options()))
                                 : played(channel_->unary_stream(
                                       method<CallKind::unary_stream>(name), request, options()));
  }
  const auto open_with = [&](auto... sources) -> std::unique_ptr<PlayedCall> {
    if (kind == "stream_unary") {
      return played(channel_->stream_unary(method<CallKind::stream_unary>(name),
                                           std::move(sources)..., options()));
    }
    return played(channel_->stream_stream(method<CallKind::stream_stream>(name),
                                          std::move(sources)..., options()));
  };
  if (scenario_.contains("source")) return open_with(source(scenario_.at("source")));
  if (!scenario_.contains("requests")) return open_with();
  std::vector<EchoRequest> requests;
  for (const Json& item : scenario_.at("requests")) requests.push_back(request_of(item));
  return open_with(std::move(requests));
}

Task<Json> ScenarioPlayer::open(Json) {
  std::unique_ptr<PlayedCall> made = make_call();
  if (made->call().done()) {
    const absl::Status status = co_await made->call().status();
    if (is_usage_error(status)) co_return observed(status, made->call());
  }
  call_ = std::move(made);
  co_return "open";
}

// Each of Weft's iterators is the same iteration.
Task<Json> ScenarioPlayer::iterate_again(Json) {
  co_return "iterating";
}

Task<Json> ScenarioPlayer::wait_for_connection(Json) {
  const absl::Status status = co_await call().wait_for_connection();
  co_return observed(status, call());
}

Task<Json> ScenarioPlayer::cancel(Json) {
  co_return call().cancel();
}

Task<Json> ScenarioPlayer::drop(Json) {
  call_.reset();
  co_await let_things_happen();
  co_return "dropped";
}

// --- what it tells ---

Task<Json> ScenarioPlayer::done(Json) {
  co_return call().done();
}

Task<Json> ScenarioPlayer::cancelled(Json) {
  co_return call().cancelled();
}

Task<Json> ScenarioPlayer::code(Json) {
  const StatusCode code = co_await call().code();
  co_return std::string(status_code_name(code));
}

Task<Json> ScenarioPlayer::details(Json) {
  const std::string details = co_await call().details();
  co_return details;
}

Task<Json> ScenarioPlayer::initial_metadata(Json) {
  const Metadata metadata = co_await call().initial_metadata();
  co_return observed(metadata);
}

Task<Json> ScenarioPlayer::trailing_metadata(Json) {
  const Metadata metadata = co_await call().trailing_metadata();
  co_return observed(metadata);
}

Task<Json> ScenarioPlayer::debug_string(Json) {
  const std::optional<std::string> text = co_await call().debug_error_string();
  co_return observed_presence(text);
}

Task<Json> ScenarioPlayer::time_remaining(Json) {
  const std::optional<absl::Duration> remaining = call().time_remaining();
  if (!remaining.has_value()) co_return "none";
  co_return *remaining > absl::ZeroDuration() ? "positive" : "zero";
}

Task<Json> ScenarioPlayer::text(Json) {
  co_return observed_text(call().to_string());
}

Task<Json> ScenarioPlayer::error(Json) {
  for (bool goes_on = true; goes_on;) {
    const Json seen = co_await call_->read();
    goes_on = seen.is_string() && seen.get<std::string>().starts_with("message:");
  }
  const std::optional<RpcError> error = co_await call().rpc_error();
  if (!error.has_value()) co_return "none";
  Json fields = Json::object();
  fields["code"] = std::string(status_code_name(error->code()));
  fields["details"] = error->details();
  fields["initial"] = observed(error->initial_metadata());
  fields["trailing"] = observed(error->trailing_metadata());
  fields["debug"] = observed_presence(error->debug_error_string());
  fields["text"] = observed_text(error->to_string());
  co_return fields;
}

void ScenarioPlayer::add_callback(std::string name, std::string action) {
  call().add_done_callback([this, name, action](const Call& ended) {
    const auto word = [](bool value) { return value ? "true" : "false"; };
    std::string note = name + " done:" + word(ended.done());
    if (action == "cancel") note += std::string(" cancel:") + word(ended.cancel());
    callbacks_.push_back(std::move(note));
    if (action == "add") {
      ended.add_done_callback([this, name](const Call&) { callbacks_.push_back(name + "'s own"); });
    }
  });
}

Task<Json> ScenarioPlayer::callback(Json arguments) {
  add_callback(arguments.at(0), arguments.size() > 1 ? arguments.at(1).get<std::string>() : "");
  co_return "added";
}

Task<Json> ScenarioPlayer::callbacks(Json) {
  co_return callbacks_;
}

Task<Json> ScenarioPlayer::wait_for_callback(Json) {
  while (callbacks_.empty()) co_await sleep_for(loop_, absl::Milliseconds(1));
  co_return callbacks_;
}

Task<Json> ScenarioPlayer::pulled(Json) {
  co_await let_things_happen();
  co_return pulled_;
}

// --- side by side ---

Task<> ScenarioPlayer::run_into(Background& background, Json what) {
  auto task = step(std::move(what));
  background.result = co_await std::move(task);
}

Task<Json> ScenarioPlayer::start(Json arguments) {
  const std::string label = arguments.at(0);
  arguments.erase(0);
  auto& background = backgrounds_[label];
  background = std::make_unique<Background>(loop_);
  background->scope.spawn(run_into(*background, std::move(arguments)));
  co_await let_things_happen();
  co_return "started";
}

Task<Json> ScenarioPlayer::pending(Json arguments) {
  co_await let_things_happen();
  co_return backgrounds_.at(arguments.at(0))->scope.running() != 0;
}

Task<Json> ScenarioPlayer::join(Json arguments) {
  Background& background = *backgrounds_.at(arguments.at(0));
  co_await background.scope.join();
  co_return background.result;
}

Task<Json> ScenarioPlayer::cancel_task(Json arguments) {
  backgrounds_.at(arguments.at(0))->scope.cancel();
  co_await let_things_happen();
  co_return "cancelled";
}

// --- the surroundings ---

Task<Json> ScenarioPlayer::end_at_server(Json) {
  constexpr UnaryUnaryMethod<EchoRequest, EchoResponse> await_end("/weft.test.Echo/AwaitEnd");
  auto asked = channel_->unary_unary(await_end, request(name_));
  const absl::StatusOr<EchoResponse>& response = co_await asked;
  co_return response.ok() ? observed(*response) : observed(response.status(), asked);
}

Task<Json> ScenarioPlayer::stop_server(Json) {
  server_.reset();
  co_return "stopped";
}

Task<Json> ScenarioPlayer::close(Json arguments) {
  const double grace = arguments.empty() ? 0 : arguments.at(0).get<double>();
  co_await channel_->close(absl::Seconds(grace));
  co_return "closed";
}

Task<Json> ScenarioPlayer::channel_state(Json) {
  co_return std::string(to_string(channel_->state()));
}

Task<Json> ScenarioPlayer::channel_ready(Json) {
  const absl::Status status = co_await channel_->ready();
  if (status.ok()) co_return "ready";
  co_return detail::text(is_usage_error(status) ? "usage-error:" : "error:", status.message());
}

}  // namespace weft::test
