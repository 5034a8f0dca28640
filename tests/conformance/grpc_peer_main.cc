// The suite's peer in a process of its own.
//
//   weft_conformance_peer --listen ADDRESS [--tls FOLDER] [--streams-max N]
//
// ADDRESS is "127.0.0.1:PORT" (0: any) or "unix:PATH"; FOLDER holds server.key, server.pem and
// ca.pem. Prints "port N", and ends when its standard input does.

#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sstream>
#include <string_view>
#include <thread>

#include "grpc_peer.h"

namespace {

using weft::conformance::GrpcPeer;
using weft::conformance::GrpcPeerOptions;
using weft::conformance::PeerBoard;

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::shared_ptr<grpc::ServerCredentials> tls_credentials(const std::string& folder) {
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back(
      {read_file(folder + "/server.key"), read_file(folder + "/server.pem")});
  return grpc::SslServerCredentials(options);
}

// A step go_away, which comes on a thread that cannot wait for the server.
class Departure {
 public:
  void ask() {
    const std::lock_guard lock(mutex_);
    asked_ = true;
    changed_.notify_one();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return asked_; });
    asked_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool asked_ = false;
};

void end_with_standard_input() {
  char byte;
  while (::read(STDIN_FILENO, &byte, 1) > 0) {
  }
  std::_Exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  Departure departure;
  GrpcPeerOptions options;
  options.go_away = [&departure] { departure.ask(); };
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--listen") options.address = argv[i + 1];
    if (name == "--tls") options.credentials = tls_credentials(argv[i + 1]);
    if (name == "--streams-max") options.streams_max = std::atoi(argv[i + 1]);
  }
  const auto board = std::make_shared<PeerBoard>();
  auto peer = std::make_unique<GrpcPeer>(options, board);
  std::printf("port %d\n", peer->port());
  std::fflush(stdout);
  std::thread(&end_with_standard_input).detach();

  // A peer that went away is followed by another one at the same place once its last call has
  // ended: two would share the place, and a connection might find the one that goes.
  if (options.address.ends_with(":0")) {
    options.address.resize(options.address.size() - 1);
    options.address += std::to_string(peer->port());
  }
  for (;;) {
    departure.wait();
    peer->finish();
    peer = nullptr;
    peer = std::make_unique<GrpcPeer>(options, board);
  }
}
