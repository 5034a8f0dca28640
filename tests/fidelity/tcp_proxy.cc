#include "tcp_proxy.h"

#include <algorithm>
#include <array>
#include <asio.hpp>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "disturbance.h"

namespace weft::test {
namespace {

using asio::ip::tcp;

tcp::endpoint loopback(int port) {
  return tcp::endpoint(asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(port));
}

// Pieces are small where the handshake and the first frames are; a run with large messages must
// come to its end.
constexpr std::size_t bytes_in_small_pieces = 1024;

}  // namespace

class ProxyThread::Context {
 public:
  Context() : work_(io_.get_executor()), thread_([this] { io_.run(); }) {}
  ~Context() {
    work_.reset();
    thread_.join();
  }

  asio::io_context& io() { return io_; }

  // Runs `function` on the thread, and waits for it.
  template <class Function>
  void run(Function function) {
    std::promise<void> done;
    asio::post(io_, [&] {
      function();
      done.set_value();
    });
    done.get_future().wait();
  }

 private:
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

ProxyThread::ProxyThread() : context_(std::make_unique<Context>()) {}
ProxyThread::~ProxyThread() = default;

class Link;

// What a proxy's connections share. Lives on the thread.
class ProxyState : public std::enable_shared_from_this<ProxyState> {
 public:
  ProxyState(asio::io_context& io, int server_port, const ProxyOptions& options)
      : server_(loopback(server_port)),
        random_(options.random_seed),
        until_cut_(options.bytes_until_cut),
        longest_piece_(std::array{4, 64, 4096}[random_.below(3)]),
        longest_delay_(std::array{0, 100, 500, 3000}[random_.below(4)]),
        io_(io),
        acceptor_(io) {
    bind(loopback(0));
  }

  int port() const { return acceptor_.local_endpoint().port(); }

  void listen() {
    acceptor_.listen();
    accept();
  }
  void stop_listening() {
    const tcp::endpoint here = acceptor_.local_endpoint();
    acceptor_.close();
    // Bound and not listening: connections are refused, and nobody else gets the port.
    bind(here);
  }
  void end() { acceptor_.close(); }
  void reset_all();

  Disturbance& random() { return random_; }
  const tcp::endpoint& server() const { return server_; }

  std::size_t next_piece(std::size_t forwarded) {
    return forwarded < bytes_in_small_pieces ? 1 + random_.below(longest_piece_) : 65536;
  }
  std::chrono::microseconds next_delay() {
    if (longest_delay_ == std::chrono::microseconds(0) || random_.once_in(2)) return {};
    return random_.delay(longest_delay_);
  }
  // Counts bytes that are about to be forwarded. How many of them may; fewer are a cut.
  std::size_t admit(std::size_t bytes) {
    if (!until_cut_) return bytes;
    const std::size_t admitted = std::min(bytes, *until_cut_);
    *until_cut_ -= admitted;
    if (admitted < bytes) until_cut_.reset();
    return admitted;
  }

 private:
  void bind(const tcp::endpoint& where) {
    acceptor_.open(where.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(where);
  }
  void accept();

  tcp::endpoint server_;
  Disturbance random_;
  std::optional<std::size_t> until_cut_;
  std::uint64_t longest_piece_;
  std::chrono::microseconds longest_delay_;
  asio::io_context& io_;
  tcp::acceptor acceptor_;
  std::vector<std::weak_ptr<Link>> links_;
};

// One connection: to the client and on to the server.
class Link : public std::enable_shared_from_this<Link> {
 public:
  Link(std::shared_ptr<ProxyState> proxy, tcp::socket client, asio::io_context& io)
      : proxy_(std::move(proxy)),
        client_(std::move(client)),
        server_(io),
        to_server_(client_, server_, io),
        to_client_(server_, client_, io) {}

  void begin() {
    server_.async_connect(proxy_->server(), [self = shared_from_this()](std::error_code error) {
      if (error) return self->close(true);
      self->client_.set_option(tcp::no_delay(true));
      self->server_.set_option(tcp::no_delay(true));
      self->read(self->to_server_);
      self->read(self->to_client_);
    });
  }

  void close(bool abruptly) {
    std::error_code ignored;
    // The server's side always goes at once: no port stays behind.
    server_.set_option(asio::socket_base::linger(true, 0), ignored);
    if (abruptly) client_.set_option(asio::socket_base::linger(true, 0), ignored);
    client_.close(ignored);
    server_.close(ignored);
    to_server_.timer.cancel();
    to_client_.timer.cancel();
  }

 private:
  class Direction {
   public:
    Direction(tcp::socket& source, tcp::socket& sink, asio::io_context& io)
        : from(source), to(sink), timer(io) {}
    tcp::socket& from;
    tcp::socket& to;
    asio::steady_timer timer;
    std::array<char, 65536> bytes;
    std::size_t forwarded = 0;
  };

  void read(Direction& direction) {
    const std::size_t piece = proxy_->next_piece(direction.forwarded);
    direction.from.async_read_some(
        asio::buffer(direction.bytes.data(), piece),
        [self = shared_from_this(), &direction](std::error_code error, std::size_t size) {
          if (error) return self->close(false);
          self->delay(direction, size);
        });
  }

  void delay(Direction& direction, std::size_t size) {
    const std::chrono::microseconds delay = proxy_->next_delay();
    if (delay.count() == 0) return write(direction, size);
    direction.timer.expires_after(delay);
    direction.timer.async_wait([self = shared_from_this(), &direction, size](std::error_code) {
      self->write(direction, size);
    });
  }

  void write(Direction& direction, std::size_t size) {
    const std::size_t admitted = proxy_->admit(size);
    direction.forwarded += admitted;
    asio::async_write(direction.to, asio::buffer(direction.bytes.data(), admitted),
                      [self = shared_from_this(), &direction, cut = admitted < size](
                          std::error_code error, std::size_t) {
                        if (error || cut)
                          return self->close(cut && self->proxy_->random().once_in(2));
                        self->read(direction);
                      });
  }

  std::shared_ptr<ProxyState> proxy_;
  tcp::socket client_;
  tcp::socket server_;
  Direction to_server_;
  Direction to_client_;
};

void ProxyState::accept() {
  acceptor_.async_accept([self = shared_from_this()](std::error_code error, tcp::socket client) {
    if (error) return;
    auto link = std::make_shared<Link>(self, std::move(client), self->io_);
    self->links_.push_back(link);
    link->begin();
    self->accept();
  });
}

void ProxyState::reset_all() {
  for (const std::weak_ptr<Link>& link : std::exchange(links_, {})) {
    if (const auto alive = link.lock()) alive->close(true);
  }
}

TcpProxy::TcpProxy(ProxyThread& thread, int server_port, const ProxyOptions& options)
    : context_(*thread.context_) {
  context_.run([&] {
    state_ = std::make_shared<ProxyState>(context_.io(), server_port, options);
    port_ = state_->port();
    if (!options.starts_stopped) state_->listen();
  });
}

TcpProxy::~TcpProxy() {
  context_.run([this] {
    state_->end();
    state_->reset_all();
    state_.reset();
  });
}

void TcpProxy::stop() {
  context_.run([this] {
    state_->stop_listening();
    state_->reset_all();
  });
}

void TcpProxy::start() {
  context_.run([this] { state_->listen(); });
}

}  // namespace weft::test
