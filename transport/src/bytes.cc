#include "weft/transport/bytes.h"

#include <atomic>
#include <cstdlib>
#include <vector>

#include "weft/transport/recycled.h"

namespace weft {
namespace {

struct InlineStorage {
  static constexpr std::size_t bytes_max = 31;

  explicit InlineStorage(std::size_t bytes) : length(static_cast<unsigned char>(bytes)) {}
  std::size_t size() const { return length; }
  std::size_t slice_count() const { return length == 0 ? 0 : 1; }
  std::string_view slice(std::size_t) const { return {data, length}; }
  char* mutable_data() { return data; }

  unsigned char length;
  char data[bytes_max];
};

// A counted block: the count and the size, then the bytes.
struct Block {
  static Block* make(std::size_t size) {
    return ::new (recycled_allocate(sizeof(Block) + size)) Block(size);
  }
  explicit Block(std::size_t block_size) : size(block_size) {}
  char* data() { return reinterpret_cast<char*>(this + 1); }

  std::atomic<std::size_t> references = 1;
  std::size_t size;
};

class BlockStorage {
 public:
  explicit BlockStorage(std::size_t size) : block_(Block::make(size)) {}
  BlockStorage(const BlockStorage& other) : block_(other.block_) {
    block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  BlockStorage& operator=(const BlockStorage&) = delete;
  ~BlockStorage() {
    if (block_->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    const std::size_t size = block_->size;
    block_->~Block();
    recycled_free(block_, sizeof(Block) + size);
  }
  std::size_t size() const { return block_->size; }
  std::size_t slice_count() const { return 1; }
  std::string_view slice(std::size_t) const { return {block_->data(), block_->size}; }
  char* mutable_data() {
    WEFT_ASSERT(block_->references.load(std::memory_order_relaxed) == 1, block_->references.load());
    return block_->data();
  }

 private:
  Block* block_;
};

// Strings taken over and concatenations: a shared, immutable object on the heap.
template <class Shared>
class SharedStorage {
 public:
  explicit SharedStorage(Shared shared)
      : shared_(std::make_shared<const Shared>(std::move(shared))) {}
  std::size_t size() const { return shared_->size(); }
  std::size_t slice_count() const { return shared_->slice_count(); }
  std::string_view slice(std::size_t index) const { return shared_->slice(index); }
  char* mutable_data() {
    WEFT_ASSERT(false, "shared bytes are immutable");
    return nullptr;
  }

 private:
  std::shared_ptr<const Shared> shared_;
};

struct SharedString {
  std::size_t size() const { return text.size(); }
  std::size_t slice_count() const { return 1; }
  std::string_view slice(std::size_t) const { return text; }

  std::string text;
};

struct SharedParts {
  explicit SharedParts(std::span<const Bytes> all) : parts(all.begin(), all.end()) {
    for (const Bytes& part : parts) {
      total += part.size();
      for (std::size_t i = 0; i < part.slice_count(); ++i) slices.push_back(part.slice(i));
    }
  }
  // The slices point into the parts, which therefore must not move; a vector's elements do not when
  // the vector itself moves.
  SharedParts(SharedParts&&) = default;
  std::size_t size() const { return total; }
  std::size_t slice_count() const { return slices.size(); }
  std::string_view slice(std::size_t index) const { return slices[index]; }

  std::vector<Bytes> parts;
  std::vector<std::string_view> slices;
  std::size_t total = 0;
};

}  // namespace

Bytes Bytes::uninitialized(std::size_t size) {
  if (size == 0) return Bytes();
  if (size <= InlineStorage::bytes_max) return wrap(InlineStorage(size));
  return wrap(BlockStorage(size));
}

Bytes Bytes::copy_of(std::string_view text) {
  Bytes bytes = uninitialized(text.size());
  if (!text.empty()) std::memcpy(bytes.mutable_data(), text.data(), text.size());
  return bytes;
}

Bytes Bytes::from_string(std::string text) {
  if (text.size() <= InlineStorage::bytes_max) return copy_of(text);
  return wrap(SharedStorage<SharedString>(SharedString{std::move(text)}));
}

Bytes Bytes::concat(std::span<const Bytes> parts) {
  if (parts.size() == 1) return parts.front();
  SharedParts shared(parts);
  if (shared.size() == 0) return Bytes();
  return wrap(SharedStorage<SharedParts>(std::move(shared)));
}

void Bytes::copy_to(char* destination) const {
  for (std::size_t i = 0; i < slice_count(); ++i) {
    const std::string_view part = slice(i);
    if (!part.empty()) std::memcpy(destination, part.data(), part.size());
    destination += part.size();
  }
}

std::string Bytes::to_string() const {
  std::string text(size(), '\0');
  copy_to(text.data());
  return text;
}

bool operator==(const Bytes& a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.slice_count(); ++i) {
    const std::string_view part = a.slice(i);
    if (b.substr(0, part.size()) != part) return false;
    b.remove_prefix(part.size());
  }
  return true;
}

bool operator==(const Bytes& a, const Bytes& b) {
  return b.slice_count() == 1 ? a == b.slice(0) : a == std::string_view(b.to_string());
}

}  // namespace weft
