// A download in every order, with a storage that takes its time.

#include "download.h"
#include "files.weft_fake.pb.h"
#include "weft/api/channel.h"
#include "weft/api/sleep.h"
#include "weft/transport_sim/sim_test.h"

namespace {

using files::Chunk;
using files::FilesFake;

constexpr std::size_t chunk_bytes = 1000;

// A disk that may be full after some chunks.
class SlowDisk final : public files::Storage {
 public:
  SlowDisk(weft::EventLoop& loop, std::size_t chunks_max) : loop_(loop), chunks_max_(chunks_max) {}

  std::string contents() const { return contents_; }
  std::size_t chunks() const { return contents_.size() / chunk_bytes; }

  weft::Task<absl::Status> store(std::string data) override {
    if (chunks() == chunks_max_) co_return absl::ResourceExhaustedError("the disk is full");
    // What is slow about the disk, in virtual time: chunks come before it is done, or behind.
    co_await weft::sleep_for(loop_, absl::Milliseconds(10));
    contents_ += data;
    co_return absl::OkStatus();
  }

 private:
  weft::EventLoop& loop_;
  const std::size_t chunks_max_;
  std::string contents_;
};

// A server of one file, and how much of it has left.
class FileServer {
 public:
  FileServer(weft::sim::World& world, std::size_t chunks) : chunks_(chunks) {
    FilesFake(world.server()).download([this](const files::Wanted&, FilesFake::DownloadCall& call) {
      return serve(*this, call);
    });
  }
  FileServer(const FileServer&) = delete;
  FileServer& operator=(const FileServer&) = delete;

  std::size_t sent() const { return sent_; }
  std::string contents() const {
    std::string all;
    for (std::size_t i = 0; i < chunks_; ++i) all += std::string(chunk_bytes, letter(i));
    return all;
  }

 private:
  static char letter(std::size_t index) { return static_cast<char>('a' + index); }
  static weft::Task<absl::Status> serve(FileServer& server, FilesFake::DownloadCall& call) {
    for (std::size_t i = 0; i < server.chunks_; ++i) {
      Chunk chunk;
      chunk.set_data(std::string(chunk_bytes, letter(i)));
      ++server.sent_;
      const bool taken = co_await call.write(chunk);
      if (!taken) break;
    }
    co_return absl::OkStatus();
  }

  const std::size_t chunks_;
  std::size_t sent_ = 0;
};

// [memory]
WEFT_SIM_TEST(Download, HoldsTwoChunksAtMost) {
  constexpr std::size_t chunks = 5;
  FileServer server(world, chunks);
  // A window that one chunk fills.
  weft::Channel channel(
      world.transport("server", weft::sim::SimTransportOptions().connected().window(chunk_bytes)),
      world.loop());
  SlowDisk disk(world.loop(), chunks);
  // One that is being stored, and one behind flow control.
  world.invariant("two chunks at most are on the way",
                  [&] { return server.sent() <= disk.chunks() + 2; });
  auto downloading = files::download(files::FilesClient(channel), "song", disk);
  const absl::StatusOr<std::uint64_t> bytes = co_await std::move(downloading);
  EXPECT_EQ(bytes.value(), chunks * chunk_bytes);
  EXPECT_EQ(disk.contents(), server.contents());
}
// [/memory]

WEFT_SIM_TEST(Download, StoresABeginningWhenTheConnectionIsLost) {
  FileServer server(world, 3);
  world.allow(weft::sim::fault::connection_lost());
  weft::Channel channel(world.transport("server", weft::sim::SimTransportOptions().connected()),
                        world.loop());
  SlowDisk disk(world.loop(), 3);
  auto downloading = files::download(files::FilesClient(channel), "song", disk);
  const absl::StatusOr<std::uint64_t> bytes = co_await std::move(downloading);
  EXPECT_TRUE(server.contents().starts_with(disk.contents()));
  if (bytes.ok()) {
    EXPECT_EQ(disk.contents(), server.contents());
  } else {
    EXPECT_EQ(bytes.status().code(), absl::StatusCode::kUnavailable);
  }
  world.outcome(absl::StatusCodeToString(bytes.status().code()) + " after " +
                std::to_string(disk.chunks()));
}

WEFT_SIM_TEST(Download, StopsTheServerWhenTheDiskIsFull) {
  FileServer server(world, 5);
  weft::Channel channel(
      world.transport("server", weft::sim::SimTransportOptions().connected().window(chunk_bytes)),
      world.loop());
  SlowDisk disk(world.loop(), 1);
  auto downloading = files::download(files::FilesClient(channel), "song", disk);
  const absl::StatusOr<std::uint64_t> bytes = co_await std::move(downloading);
  EXPECT_EQ(bytes.status(), absl::ResourceExhaustedError("the disk is full"));
  EXPECT_EQ(disk.chunks(), 1u);
  EXPECT_LE(server.sent(), 3u);
}

}  // namespace
