#include "sim_echo.h"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "echo.pb.h"
#include "weft/transport/detail/text.h"

namespace weft::test {
namespace {

constexpr std::string_view echo_prefix = "/weft.test.Echo/";
constexpr std::string_view raw_prefix = "/weft.test.Raw/";

// How watched calls ended, and who waits to be told.
class Ends {
 public:
  void begin(std::string_view name) { begun_.emplace(name); }
  void set(const std::string& name, std::string end) {
    ends_[name] = std::move(end);
    const auto [first, last] = waiting_.equal_range(name);
    for (auto waiting = first; waiting != last; ++waiting) answer(*waiting->second, ends_[name]);
    waiting_.erase(first, last);
  }
  void tell(const std::string& name, sim::PeerCall& call, bool now) {
    const auto end = ends_.find(name);
    if (end != ends_.end()) return answer(call, end->second);
    if (now) return answer(call, begun_.contains(name) ? "running" : "unknown");
    waiting_.emplace(name, &call);
  }
  void forget(sim::PeerCall& call) {
    std::erase_if(waiting_, [&](const auto& waiting) { return waiting.second == &call; });
  }

 private:
  static void answer(sim::PeerCall& call, const std::string& end) {
    EchoResponse response;
    response.set_payload(end);
    call.send_message(Bytes::from_string(response.SerializeAsString()));
    call.finish(CallStatus());
  }

  std::set<std::string> begun_;
  std::map<std::string, std::string> ends_;
  std::multimap<std::string, sim::PeerCall*> waiting_;
};

// One call of the echo service. Goes through a request's responses, one for each timer if they are
// delayed, then to the next request.
class Conversation final : public sim::PeerProgram, private Timer {
 public:
  Conversation(std::string_view method, std::shared_ptr<Ends> ends)
      : Timer([](Timer& timer) noexcept { static_cast<Conversation&>(timer).respond(); }),
        method_(method),
        ends_(std::move(ends)) {}
  ~Conversation() override {
    if (call_ != nullptr) ends_->forget(*call_);
  }

  void opened(sim::PeerCall& call) override {
    call_ = &call;
    Metadata initial;
    for (const auto& [key, value] : call.metadata()) {
      if (key.starts_with("echo-initial")) initial.add(key, value);
      if (key.starts_with("echo-trailing")) trailing_.add(key, value);
      if (key == "watch") ends_->begin(value);
      if (key == "echo-status-details-bin") trailing_.add("grpc-status-details-bin", value);
    }
    if (!initial.empty()) initial_ = initial;
    if (call.metadata().contains("send-headers-early")) send_headers();
    call.want_message(true);
  }

  void message(sim::PeerCall& call, Bytes message) override {
    if (method_.starts_with(raw_prefix)) return misbehave();
    call.want_message(false);
    if (!request_.ParseFromString(message.to_string())) {
      return finish(StatusCode::kInvalidArgument, "no request");
    }
    if (is("AwaitEnd")) {
      busy_ = true;
      return ends_->tell(request_.payload(), call, request_.answer_now());
    }
    ++request_count_;
    request_bytes_ += static_cast<std::int64_t>(request_.payload().size());
    index_ = 0;
    responses_ = responses_to_request();
    if (request_.never_answer()) return note_silence();
    go_on();
  }

  void half_closed(sim::PeerCall&) override {
    half_closed_ = true;
    if (!busy_ && !request_.never_answer()) end_of_requests();
  }

  void cancelled(sim::PeerCall&) override {
    cancelled_ = true;
    disarm();
    note_end("cancelled");
  }
  bool cares_for_cancel() const override { return !cancelled_ && !noted_; }

 private:
  bool is(std::string_view name) const { return method_.substr(echo_prefix.size()) == name; }
  bool one_request() const { return is("UnaryUnary") || is("UnaryStream"); }

  int responses_to_request() const {
    if (is("UnaryUnary")) return request_.status_code() == 0 ? 1 : 0;
    if (is("StreamUnary")) return request_.answer_now() ? 1 : 0;
    return request_.response_count();
  }

  void send_headers() {
    if (initial_)
      call_->send_headers(*std::exchange(initial_, std::nullopt));
    else
      call_->send_headers(Metadata());
    headers_sent_ = true;
  }

  // The next response, the end, or the next request.
  void go_on() {
    busy_ = true;
    if (index_ < responses_) {
      if (is("StreamUnary")) answered_ = true;
      if (request_.delay_ms() == 0) return respond();
      return call_->world().arm(
          *this, call_->world().loop().now() + absl::Milliseconds(request_.delay_ms()));
    }
    busy_ = false;
    if (request_.status_code() != 0) {
      return finish(static_cast<StatusCode>(request_.status_code()), request_.status_details());
    }
    if (one_request() || answered_) return finish(StatusCode::kOk, "");
    if (half_closed_) return end_of_requests();
    call_->want_message(true);
  }

  void end_of_requests() {
    if (is("StreamUnary") && !answered_) {
      answered_ = true;
      index_ = 0;
      responses_ = 1;
      request_.clear_status_code();
      return go_on();
    }
    finish(StatusCode::kOk, "");
  }

  void respond() {
    EchoResponse response;
    if (request_.response_bytes() > 0) {
      response.set_payload(std::string(request_.response_bytes(), '\0'));
    } else {
      response.set_payload(request_.payload());
    }
    response.set_request_count(request_count_);
    response.set_request_bytes(request_bytes_);
    response.set_index(index_);
    const Deadline deadline = call_->deadline();
    response.set_time_remaining_ms(
        deadline.is_infinite()
            ? -1
            : absl::ToInt64Milliseconds(deadline.remaining(call_->world().loop().now())));
    send(response.SerializeAsString());
    ++index_;
    go_on();
  }

  void send(std::string bytes) {
    if (!headers_sent_) send_headers();
    call_->send_message(Bytes::from_string(std::move(bytes)));
  }

  void finish(StatusCode code, std::string_view details) {
    if (finished_) return;
    finished_ = true;
    if (initial_ && !headers_sent_) send_headers();
    CallStatus status(code, std::string(details));
    status.trailing_metadata = trailing_;
    call_->finish(std::move(status));
    note_end("finished");
  }

  void note_silence() {
    if (const auto name = call_->metadata().get("watch")) {
      ends_->set(std::string(*name) + "/silent", "silent");
    }
  }

  void note_end(std::string end) {
    if (noted_) return;
    noted_ = true;
    if (const auto name = call_->metadata().get("watch")) {
      ends_->set(std::string(*name), std::move(end));
    }
  }

  void misbehave() {
    const std::string_view name = method_.substr(raw_prefix.size());
    if (name == "Silent") {
      busy_ = true;
      return;
    }
    if (name == "Throws") return finish(StatusCode::kUnknown, "the handler threw");
    if (name == "Empty") return send("");
    if (name == "FiveEmpty") {
      for (int i = 0; i < 5; ++i) send("");
      return finish(StatusCode::kOk, "");
    }
    if (name == "TwoResponses") send("");
    if (name != "NoResponse") send(name == "Garbage" ? "\xff\xff\xff" : "");
    if (name == "ResponseThenError") return finish(StatusCode::kNotFound, "after all");
    finish(StatusCode::kOk, "");
  }

  std::string_view method_;
  std::shared_ptr<Ends> ends_;
  sim::PeerCall* call_ = nullptr;
  std::optional<Metadata> initial_;
  Metadata trailing_;
  EchoRequest request_;
  int request_count_ = 0;
  std::int64_t request_bytes_ = 0;
  int responses_ = 0;
  int index_ = 0;
  bool headers_sent_ = false;
  bool half_closed_ = false;
  bool busy_ = false;
  bool answered_ = false;
  bool cancelled_ = false;
  bool finished_ = false;
  bool noted_ = false;
};

}  // namespace

void serve_echo(sim::World&, sim::Server& server) {
  const auto ends = std::make_shared<Ends>();
  for (const std::string_view method :
       {"/weft.test.Echo/UnaryUnary", "/weft.test.Echo/UnaryStream", "/weft.test.Echo/StreamUnary",
        "/weft.test.Echo/StreamStream", "/weft.test.Echo/AwaitEnd", "/weft.test.Raw/TwoResponses",
        "/weft.test.Raw/NoResponse", "/weft.test.Raw/Garbage", "/weft.test.Raw/Throws",
        "/weft.test.Raw/Silent", "/weft.test.Raw/ResponseThenError", "/weft.test.Raw/Empty",
        "/weft.test.Raw/FiveEmpty"}) {
    server.serve_program(method, [method, ends](sim::PeerCall& call) {
      const bool unwanted = call.metadata().contains("not-served");
      return unwanted ? nullptr : std::make_unique<Conversation>(method, ends);
    });
  }
}

}  // namespace weft::test
