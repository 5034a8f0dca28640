// The C++ test server: gRPC's own callback server behind every method, on raw bytes.
//
//   echo_server [--tls CERT_DIR] [--mutual] [--port N] [--concurrency N] [--refuse gzip|deflate]
//
// Prints "port N" when it listens, and ends when its standard input does: at once, or with so many
// milliseconds of grace as the input said. --concurrency: calls beyond it wait. --refuse: messages
// compressed so are not accepted.
//
// Methods of weft.test.Echo do what EchoRequest says. Request metadata with names that begin with
// "echo-initial" come back as initial metadata, "echo-trailing" as trailing metadata;
// "send-headers-early" has the initial metadata sent at once instead of with the first response;
// "compress-responses" has them compressed, all but every second one; "tell-session" adds the
// trailing "session-reused", "tell-user-agent" the trailing "seen-user-agent"; a call with
// "not-served" finds no method; "echo-status-details-bin" becomes the status's details. AwaitEnd
// answers when a call with the request metadata ("watch", its payload) has ended, how: "cancelled"
// or "finished"; with answer_now at once, if need be "running" or "unknown". A watched call that
// has gone silent is said to have ended under its name with "/silent" behind it. Methods of
// weft.test.Raw misbehave: TwoResponses and NoResponse break the cardinality of a unary call,
// Garbage answers bytes that are no EchoResponse, ResponseThenError ends with an error after a
// response, Throws ends as a handler that throws does, Silent never answers. Empty answers every
// request with a message of no bytes, FiveEmpty the first one with five of them.

#include <grpcpp/alarm.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "echo.pb.h"

namespace {

using weft::test::EchoRequest;
using weft::test::EchoResponse;

template <class Message>
bool parse(grpc::ByteBuffer& buffer, Message& message) {
  return grpc::GenericDeserialize<grpc::ProtoBufferReader, Message>(&buffer, &message).ok();
}

template <class Message>
grpc::ByteBuffer serialize(const Message& message) {
  grpc::ByteBuffer buffer;
  bool own_buffer;
  grpc::GenericSerialize<grpc::ProtoBufferWriter, Message>(message, &buffer, &own_buffer);
  return buffer;
}

grpc::ByteBuffer raw_bytes(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

class Conversation;

// How watched calls ended, and who waits to be told.
class Ends {
 public:
  void begin(const std::string& name);
  void set(const std::string& name, const std::string& end);
  void tell(const std::string& name, Conversation& asker, bool now);
  void forget(Conversation& asker);

 private:
  std::mutex mutex_;
  std::set<std::string> begun_;
  std::map<std::string, std::string> ends_;
  std::multimap<std::string, Conversation*> askers_;
};
Ends& ends() {
  static Ends all;
  return all;
}

// One call. Reads a request, writes its responses, and so on; deletes itself.
class Conversation final : public grpc::ServerGenericBidiReactor {
 public:
  explicit Conversation(grpc::GenericCallbackServerContext& context)
      : context_(context), method_(context.method()) {
    echo_metadata();
    if (context_.client_metadata().count("send-headers-early") > 0) {
      StartSendInitialMetadata();
    } else {
      StartRead(&buffer_);
    }
  }

  void OnSendInitialMetadataDone(bool) override { StartRead(&buffer_); }

  void OnReadDone(bool ok) override {
    if (!ok) return on_half_close();
    if (is_raw()) return misbehave();
    if (!parse(buffer_, request_)) return finish(grpc::StatusCode::INVALID_ARGUMENT, "no request");
    on_request();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return finish(grpc::StatusCode::CANCELLED, "write failed");
    if (is_raw()) return misbehave();
    ++index_;
    go_on();
  }

  void OnCancel() override {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    alarm_.Cancel();
    note_end("cancelled");
    if (silent_) finish(grpc::StatusCode::CANCELLED, "cancelled");
  }

  void OnDone() override {
    // A read that failed may have been all that was seen of a cancel.
    note_end(context_.IsCancelled() ? "cancelled" : "finished");
    ends().forget(*this);
    delete this;
  }

  // Answers AwaitEnd.
  void tell_end(const std::string& end) {
    request_.set_payload(end);
    responses_ = 1;
    respond();
  }

 private:
  bool is_raw() const { return method_.starts_with("/weft.test.Raw/"); }
  bool is(const char* name) const { return method_ == std::string("/weft.test.Echo/") + name; }

  void echo_metadata() {
    for (const auto& [key, value] : context_.client_metadata()) {
      const std::string name(key.data(), key.size());
      const std::string text(value.data(), value.size());
      if (name.starts_with("echo-initial")) context_.AddInitialMetadata(name, text);
      if (name.starts_with("echo-trailing")) context_.AddTrailingMetadata(name, text);
      if (name == "echo-status-details-bin") status_details_ = text;
      if (name == "watch") watched_as_ = text;
      if (name == "tell-user-agent") tell_user_agent();
      if (name == "compress-responses") context_.set_compression_algorithm(GRPC_COMPRESS_GZIP);
      if (name == "tell-session") tell_session();
    }
    if (!watched_as_.empty()) ends().begin(watched_as_);
  }

  void tell_session() {
    const auto reused = context_.auth_context()->FindPropertyValues("ssl_session_reused");
    context_.AddTrailingMetadata(
        "session-reused", reused.empty() ? "?" : std::string(reused[0].data(), reused[0].size()));
  }

  void tell_user_agent() {
    const auto sent = context_.client_metadata().find("user-agent");
    if (sent == context_.client_metadata().end()) return;
    context_.AddTrailingMetadata("seen-user-agent",
                                 std::string(sent->second.data(), sent->second.size()));
  }

  void on_request() {
    ++request_count_;
    request_bytes_ += static_cast<std::int64_t>(request_.payload().size());
    index_ = 0;
    responses_ = 0;
    if (request_.never_answer()) return go_silent();
    if (is("AwaitEnd")) {
      return ends().tell(request_.payload(), *this, request_.answer_now());
    }
    if (is("UnaryUnary")) responses_ = request_.status_code() == 0 ? 1 : 0;
    if (is("UnaryStream") || is("StreamStream")) responses_ = request_.response_count();
    if (is("StreamUnary") && request_.answer_now()) responses_ = 1;
    go_on();
  }

  void on_half_close() {
    if (is("StreamUnary") && !answered_) {
      answered_ = true;
      index_ = 0;
      responses_ = 1;
      return go_on();
    }
    finish(grpc::StatusCode::OK, "");
  }

  void go_silent() {
    const std::lock_guard lock(mutex_);
    silent_ = true;
    if (!watched_as_.empty()) ends().set(watched_as_ + "/silent", "silent");
    if (cancelled_) finish(grpc::StatusCode::CANCELLED, "cancelled");
  }

  // The next response, the end, or the next request.
  void go_on() {
    if (index_ < responses_) {
      if (is("StreamUnary")) answered_ = true;
      return request_.delay_ms() > 0 ? respond_later() : respond();
    }
    if (request_.status_code() != 0) {
      return finish(static_cast<grpc::StatusCode>(request_.status_code()),
                    request_.status_details());
    }
    const bool one_request = is("UnaryUnary") || is("UnaryStream") || is("AwaitEnd");
    if (one_request || answered_) return finish(grpc::StatusCode::OK, "");
    StartRead(&buffer_);
  }

  void respond_later() {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return finish(grpc::StatusCode::CANCELLED, "cancelled");
    alarm_.Set(std::chrono::system_clock::now() + std::chrono::milliseconds(request_.delay_ms()),
               [this](bool ok) {
                 if (!ok) return finish(grpc::StatusCode::CANCELLED, "cancelled");
                 respond();
               });
  }

  void respond() {
    EchoResponse response;
    if (request_.response_bytes() > 0) {
      response.mutable_payload()->assign(request_.response_bytes(), '\0');
    } else {
      response.set_payload(request_.payload());
    }
    response.set_request_count(request_count_);
    response.set_request_bytes(request_bytes_);
    response.set_index(index_);
    response.set_time_remaining_ms(time_remaining_ms());
    response.set_authority(context_.host());
    write_buffer_ = serialize(response);
    grpc::WriteOptions options;
    if (index_ % 2 == 1) options.set_no_compression();
    StartWrite(&write_buffer_, options);
  }

  std::int64_t time_remaining_ms() const {
    const auto deadline = context_.deadline();
    if (deadline == std::chrono::system_clock::time_point::max()) return -1;
    return std::chrono::duration_cast<std::chrono::milliseconds>(deadline -
                                                                 std::chrono::system_clock::now())
        .count();
  }

  // To a request; below zero for a method that nobody serves.
  static int raw_responses(const std::string& name) {
    static const std::map<std::string, int> responses = {
        {"NoResponse", 0}, {"Garbage", 1},      {"ResponseThenError", 1},
        {"Empty", 1},      {"TwoResponses", 2}, {"FiveEmpty", 5}};
    const auto found = responses.find(name);
    return found == responses.end() ? -1 : found->second;
  }

  // Called when the request is here, and again after each write.
  void misbehave() {
    const std::string name = method_.substr(std::string("/weft.test.Raw/").size());
    if (name == "Silent") return go_silent();
    if (name == "Throws") return finish(grpc::StatusCode::UNKNOWN, "the handler threw");
    const int wanted = raw_responses(name);
    if (wanted < 0) return finish(grpc::StatusCode::UNIMPLEMENTED, "Method not found!");
    if (index_ == wanted) {
      if (name == "ResponseThenError") return finish(grpc::StatusCode::NOT_FOUND, "after all");
      if (name != "Empty") return finish(grpc::StatusCode::OK, "");
      index_ = 0;
      return StartRead(&buffer_);
    }
    ++index_;
    write_buffer_ = name == "Garbage" ? raw_bytes("\xff\xff\xff") : serialize(EchoResponse());
    StartWrite(&write_buffer_, grpc::WriteOptions());
  }

  void finish(grpc::StatusCode code, const std::string& details) {
    Finish(grpc::Status(code, details, status_details_));
  }

  void note_end(const std::string& end) {
    if (!watched_as_.empty()) ends().set(std::exchange(watched_as_, ""), end);
  }

  grpc::GenericCallbackServerContext& context_;
  std::string method_;
  grpc::ByteBuffer buffer_;
  grpc::ByteBuffer write_buffer_;
  EchoRequest request_;
  int request_count_ = 0;
  std::int64_t request_bytes_ = 0;
  int responses_ = 0;
  int index_ = 0;
  bool answered_ = false;
  std::string watched_as_;
  std::string status_details_;

  std::mutex mutex_;
  bool cancelled_ = false;
  bool silent_ = false;
  grpc::Alarm alarm_;
};

void Ends::begin(const std::string& name) {
  const std::lock_guard lock(mutex_);
  begun_.insert(name);
}

void Ends::set(const std::string& name, const std::string& end) {
  const std::lock_guard lock(mutex_);
  ends_[name] = end;
  const auto [first, last] = askers_.equal_range(name);
  for (auto asker = first; asker != last; ++asker) asker->second->tell_end(end);
  askers_.erase(first, last);
}

void Ends::tell(const std::string& name, Conversation& asker, bool now) {
  const std::lock_guard lock(mutex_);
  const auto end = ends_.find(name);
  if (end != ends_.end()) return asker.tell_end(end->second);
  if (now) return asker.tell_end(begun_.contains(name) ? "running" : "unknown");
  askers_.emplace(name, &asker);
}

void Ends::forget(Conversation& asker) {
  const std::lock_guard lock(mutex_);
  std::erase_if(askers_, [&](const auto& entry) { return entry.second == &asker; });
}

class Unknown final : public grpc::ServerGenericBidiReactor {
 public:
  Unknown() { Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "Method not found!")); }
  void OnDone() override { delete this; }
};

class Service final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    const std::string& method = context->method();
    static const std::string echo[] = {"UnaryUnary", "UnaryStream", "StreamUnary", "StreamStream",
                                       "AwaitEnd"};
    const bool known = method.starts_with("/weft.test.Raw/") ||
                       std::any_of(std::begin(echo), std::end(echo), [&](const std::string& name) {
                         return method == "/weft.test.Echo/" + name;
                       });
    const bool unwanted = context->client_metadata().count("not-served") > 0;
    if (!known || unwanted) return new Unknown();
    return new Conversation(*context);
  }
};

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::shared_ptr<grpc::ServerCredentials> credentials(const std::string& directory, bool mutual) {
  if (directory.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options(
      mutual ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
             : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  options.pem_root_certs = read_file(directory + "/ca.pem");
  options.pem_key_cert_pairs.push_back(
      {read_file(directory + "/server.key"), read_file(directory + "/server.pem")});
  return grpc::SslServerCredentials(options);
}

// What the command line says.
class Options {
 public:
  Options(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      const std::string argument = argv[i];
      if (argument == "--tls") tls = argv[++i];
      if (argument == "--port") port = argv[++i];
      if (argument == "--mutual") mutual = true;
      if (argument == "--concurrency") concurrency = std::stoi(argv[++i]);
      if (argument == "--refuse") refused = argv[++i];
    }
  }
  std::string tls;
  std::string port = "0";
  bool mutual = false;
  int concurrency = 0;
  std::string refused;
};

}  // namespace

int main(int argc, char** argv) {
  const Options options(argc, argv);
  Service service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:" + options.port, credentials(options.tls, options.mutual),
                           &port);
  builder.RegisterCallbackGenericService(&service);
  builder.SetMaxReceiveMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  if (options.concurrency > 0) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.concurrency);
  }
  if (!options.refused.empty()) {
    builder.SetCompressionAlgorithmSupportStatus(
        options.refused == "gzip" ? GRPC_COMPRESS_GZIP : GRPC_COMPRESS_DEFLATE, false);
  }
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("port %d\n", port);
  std::fflush(stdout);
  std::string grace_ms;
  for (char byte; std::cin.get(byte);) grace_ms.push_back(byte);
  server->Shutdown(std::chrono::system_clock::now() +
                   std::chrono::milliseconds(grace_ms.empty() ? 0 : std::stoi(grace_ms)));
  return 0;
}
