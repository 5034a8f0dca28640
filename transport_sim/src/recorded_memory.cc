#include "weft/transport_sim/detail/recorded_memory.h"

#include "weft/transport_sim/label.h"

namespace weft::sim::detail {
namespace {

constexpr std::size_t word = 8;
constexpr std::uint64_t elsewhere = 0;
constexpr std::uint64_t lifetime = ~std::uint64_t{0};  // as if it were a word

std::uintptr_t address(const void* where) {
  return reinterpret_cast<std::uintptr_t>(where);
}

thread_local constinit RecordedMemory* current_memory = nullptr;
constinit bool is_available = false;

}  // namespace

RecordedMemory*& RecordedMemory::current() {
  return current_memory;
}
bool& RecordedMemory::available() {
  return is_available;
}

void RecordedMemory::begin_execution(Footprint& footprint) {
  const Unrecorded unrecorded;
  footprint_ = &footprint;
  blocks_.clear();
  exempt_.clear();
  stack_ = 0;
  step_ = 0;
  allocations_ = 0;
  exempt(this, sizeof *this);
}

void RecordedMemory::exempt(const void* object, std::size_t bytes) {
  const Unrecorded unrecorded;
  exempt_.push_back(Range{address(object), address(object) + bytes});
}

void RecordedMemory::begin_step(std::uint64_t label, const void* stack) {
  step_ = label;
  stack_ = address(stack);
  allocations_ = 0;
}

// Names share numbers now and then, which makes a dependence more and none less.
void RecordedMemory::touch(std::uint64_t name, Access access) {
  constexpr std::uint64_t numbers = (std::uint64_t{1} << 24) - 1;
  footprint_->touch(Object(ObjectKind::memory, static_cast<std::uint32_t>(name & numbers)), access);
}

void RecordedMemory::access(const void* where, std::size_t bytes, Access access) {
  if (paused_ != 0 || bytes == 0) return;
  const std::uintptr_t begin = address(where);
  if (begin < stack_ && begin >= address(__builtin_frame_address(0))) return;
  for (const Range& range : exempt_) {
    if (begin >= range.begin && begin < range.end) return;
  }
  const Unrecorded unrecorded;
  auto block = blocks_.upper_bound(begin);
  if (block == blocks_.begin()) return touch(elsewhere, access);
  --block;
  const std::size_t offset = begin - block->first;
  if (offset >= block->second.bytes) return touch(elsewhere, access);
  const std::uint64_t name = block->second.name;
  touch(mix_hash(name, lifetime), Access::read);
  for (std::size_t i = offset / word; i <= (offset + bytes - 1) / word; ++i) {
    touch(mix_hash(name, i), access);
  }
}

void RecordedMemory::allocated(const void* block, std::size_t bytes) {
  if (paused_ != 0) return;
  const Unrecorded unrecorded;
  Block& added = blocks_[address(block)];
  added.bytes = bytes;
  added.name = mix_hash(step_, ++allocations_);
}

void RecordedMemory::freed(const void* block) {
  if (blocks_.empty()) return;
  const bool recorded = paused_ == 0;
  const Unrecorded unrecorded;
  const auto found = blocks_.find(address(block));
  if (found == blocks_.end()) return;
  if (recorded) touch(mix_hash(found->second.name, lifetime), Access::write);
  blocks_.erase(found);
}

}  // namespace weft::sim::detail
