#include "grpc_peer.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <deque>
#include <mutex>
#include <utility>

#include "weft/conformance/peer_player.h"

namespace weft::conformance {
namespace {

grpc::ByteBuffer to_byte_buffer(const Bytes& bytes) {
  const grpc::Slice slice(bytes.to_string());
  return grpc::ByteBuffer(&slice, 1);
}

Bytes to_bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (buffer.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) {
      text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
  }
  return Bytes::from_string(std::move(text));
}

std::string to_string(grpc::string_ref text) {
  return std::string(text.data(), text.size());
}

// One call. What gRPC reports, on any thread and also within an operation's start, becomes a task
// that whoever is at work here already takes over: the player sees one thing at a time.
class Reactor final : public grpc::ServerGenericBidiReactor, public PeerWire {
 public:
  static Reactor* create(grpc::GenericCallbackServerContext& context,
                         std::shared_ptr<PeerBoard> board, std::function<void()> go_away) {
    auto reactor =
        std::shared_ptr<Reactor>(new Reactor(context, std::move(board), std::move(go_away)));
    reactor->self_ = reactor;
    reactor->player_ = std::make_unique<PeerPlayer>(
        *reactor, *reactor->board_, [weak = std::weak_ptr<Reactor>(reactor)] {
          if (const auto self = weak.lock())
            self->post([raw = self.get()] { raw->player_->noted(); });
        });
    if (context.method() == peer_method) {
      reactor->post([raw = reactor.get()] { raw->player_->opened(raw->script()); });
    } else {
      reactor->post([raw = reactor.get()] {
        raw->finish(CallStatus(StatusCode::kUnimplemented, "no such method"));
      });
    }
    return reactor.get();
  }

  // --- what happens ---
  void OnSendInitialMetadataDone(bool) override { operation_done(); }
  void OnWriteDone(bool) override { operation_done(); }
  void OnReadDone(bool ok) override {
    post([this, ok] {
      busy_ = false;
      if (ok) {
        player_->message(to_bytes(read_));
      } else {
        player_->half_closed();
      }
      finish_if_idle();
    });
  }
  void OnCancel() override {
    post([this] {
      cancelled_ = true;
      player_->cancelled();
    });
  }
  void OnDone() override {
    post([this] { over_ = true; });
  }

  // --- what the script says ---
  bool send_headers(Metadata metadata) override {
    if (over()) return true;
    for (const auto& [key, value] : metadata) context_.AddInitialMetadata(key, value);
    busy_ = true;
    StartSendInitialMetadata();
    return false;
  }
  bool send_message(Bytes message) override {
    if (over()) return true;
    written_ = to_byte_buffer(message);
    busy_ = true;
    StartWrite(&written_);
    return false;
  }
  void send_last(Bytes message, CallStatus status) override {
    if (over()) return finish(std::move(status));
    written_ = to_byte_buffer(message);
    take(std::move(status));
    finished_ = true;
    StartWriteAndFinish(&written_, grpc::WriteOptions(), *last_);
  }
  void read() override {
    busy_ = true;
    StartRead(&read_);
  }
  void finish(CallStatus status) override {
    if (last_.has_value()) return;
    take(std::move(status));
    finish_if_idle();
  }
  void abort() override {
    context_.TryCancel();
    finish(CallStatus(StatusCode::kCancelled, "aborted"));
  }
  PeerReport request() override {
    PeerReport report;
    report.authority = to_string(context_.ExperimentalGetAuthority());
    for (const auto& [key, value] : context_.client_metadata()) {
      if (key != grpc::string_ref(script_header.data(), script_header.size())) {
        report.metadata.add(to_string(key), to_string(value));
      }
    }
    const auto deadline = context_.deadline();
    if (deadline != std::chrono::system_clock::time_point::max()) {
      report.remaining_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                deadline - std::chrono::system_clock::now())
                                .count();
    }
    return report;
  }
  void go_away() override { go_away_(); }

 private:
  Reactor(grpc::GenericCallbackServerContext& context, std::shared_ptr<PeerBoard> board,
          std::function<void()> go_away)
      : context_(context), board_(std::move(board)), go_away_(std::move(go_away)) {}

  std::string script() const {
    const auto& metadata = context_.client_metadata();
    const auto found = metadata.find(grpc::string_ref(script_header.data(), script_header.size()));
    return found == metadata.end() ? "" : to_string(found->second);
  }
  bool over() const { return cancelled_ || last_.has_value(); }
  void operation_done() {
    post([this] {
      busy_ = false;
      player_->done();
      finish_if_idle();
    });
  }
  void take(CallStatus status) {
    for (const auto& [key, value] : status.trailing_metadata) {
      context_.AddTrailingMetadata(key, value);
    }
    last_.emplace(static_cast<grpc::StatusCode>(status.code), status.details);
  }
  // gRPC wants nothing to be under way.
  void finish_if_idle() {
    if (busy_ || finished_ || !last_.has_value()) return;
    finished_ = true;
    Finish(*last_);
  }

  void post(std::function<void()> task) {
    std::unique_lock lock(mutex_);
    tasks_.push_back(std::move(task));
    if (std::exchange(working_, true)) return;
    while (!tasks_.empty()) {
      const std::function<void()> next = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      next();
      lock.lock();
    }
    working_ = false;
    const std::shared_ptr<Reactor> last = over_ ? std::move(self_) : nullptr;
    lock.unlock();
  }

  grpc::GenericCallbackServerContext& context_;
  std::shared_ptr<PeerBoard> board_;
  std::function<void()> go_away_;
  std::unique_ptr<PeerPlayer> player_;
  std::shared_ptr<Reactor> self_;  // until gRPC is done with it

  std::mutex mutex_;
  std::deque<std::function<void()>> tasks_;
  bool working_ = false;

  bool busy_ = false;
  bool cancelled_ = false;
  bool finished_ = false;
  bool over_ = false;
  grpc::ByteBuffer read_;
  grpc::ByteBuffer written_;
  std::optional<grpc::Status> last_;
};

}  // namespace

class GrpcPeer::Service final : public grpc::CallbackGenericService {
 public:
  Service(std::shared_ptr<PeerBoard> board, std::function<void()> go_away)
      : board_(std::move(board)), go_away_(std::move(go_away)) {}
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return Reactor::create(*context, board_, go_away_);
  }

 private:
  std::shared_ptr<PeerBoard> board_;
  std::function<void()> go_away_;
};

GrpcPeer::GrpcPeer(const GrpcPeerOptions& options, std::shared_ptr<PeerBoard> board)
    : service_(std::make_unique<Service>(std::move(board), options.go_away)) {
  grpc::ServerBuilder builder;
  if (!options.address.empty()) {
    builder.AddListeningPort(options.address, options.credentials, &port_);
  }
  builder.RegisterCallbackGenericService(service_.get());
  builder.SetMaxReceiveMessageSize(-1);
  if (options.streams_max > 0) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.streams_max);
  }
  server_ = builder.BuildAndStart();
}

GrpcPeer::~GrpcPeer() {
  if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
}

void GrpcPeer::finish() {
  server_->Shutdown();
}

}  // namespace weft::conformance
