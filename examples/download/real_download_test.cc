// A download of a real file from a real server to a real file.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "download.h"
#include "files.grpc.pb.h"
#include "loopback_server.h"
#include "weft/api/block_on.h"
#include "weft/api/channel.h"
#include "weft/transport_grpc/grpc_event_loop.h"
#include "weft/transport_grpc/grpc_transport.h"

namespace {

using files::Chunk;
using files::Wanted;

constexpr std::size_t chunk_bytes = std::size_t{64} * 1024;
constexpr std::size_t chunks = 100;

std::string contents_of(std::size_t chunk) {
  return std::string(chunk_bytes, static_cast<char>('a' + chunk % 26));
}

class Service final : public files::Files::Service {
 public:
  grpc::Status Download(grpc::ServerContext*, const Wanted*,
                        grpc::ServerWriter<Chunk>* out) override {
    for (std::size_t i = 0; i < chunks; ++i) {
      Chunk chunk;
      chunk.set_data(contents_of(i));
      if (!out->Write(chunk)) break;
      ++sent;
    }
    return grpc::Status::OK;
  }

  std::atomic<std::size_t> sent = 0;
};

// Writes into a file, and notes how far the server is ahead.
class File final : public files::Storage {
 public:
  File(const std::string& path, const Service& service) : out_(path), service_(service) {}

  std::size_t most_on_the_way() const { return most_on_the_way_; }

  weft::Task<absl::Status> store(std::string data) override {
    most_on_the_way_ = std::max(most_on_the_way_, service_.sent - stored_);
    out_ << data << std::flush;
    ++stored_;
    co_return out_ ? absl::OkStatus() : absl::DataLossError("cannot write");
  }

 private:
  std::ofstream out_;
  const Service& service_;
  std::size_t stored_ = 0;
  std::size_t most_on_the_way_ = 0;
};

TEST(RealDownload, IsHeldBackByTheStorage) {
  const std::string path = testing::TempDir() + "/weft_download_" + std::to_string(::getpid());
  Service service;
  LoopbackServer server(&service);
  weft::GrpcEventLoop loop;
  // A window that does not grow.
  weft::Channel channel(
      weft::GrpcTransport::create(
          server.target(), weft::GrpcTransportOptions().channel_argument("grpc.http2.bdp_probe", 0))
          .value(),
      loop);
  {
    File file(path, service);
    const auto bytes =
        weft::block_on(loop, files::download(files::FilesClient(channel), "song", file));
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    EXPECT_EQ(*bytes, chunks * chunk_bytes);
    EXPECT_LE(file.most_on_the_way(), 8u) << "of " << chunks;
  }
  std::ifstream in(path);
  const std::string stored{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  std::remove(path.c_str());
  ASSERT_EQ(stored.size(), chunks * chunk_bytes);
  for (std::size_t i = 0; i < chunks; ++i) {
    EXPECT_TRUE(stored.compare(i * chunk_bytes, chunk_bytes, contents_of(i)) == 0) << i;
  }
}

}  // namespace
