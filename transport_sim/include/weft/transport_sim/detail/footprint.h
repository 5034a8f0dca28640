#pragma once

#include <cstdint>
#include <vector>

namespace weft::sim::detail {

// What steps may have in common. A step that only adds to something that no other step looks at
// before it is complete (a count of open calls, say) reads it; whoever looks writes it.
enum class ObjectKind : std::uint8_t {
  domain,      // user code that may share anything with itself; number 0 is World: all the rest
  call_in,     // what is on its way to the client, and what the client has asked for
  call_out,    // what is on its way to the peer, and the peer's program
  call_end,    // whether the call is over
  connection,  // of a transport
  server,
  timers,     // which are armed; firing one writes it
  clock,      // firing a timer writes it
  numbering,  // of calls, transports and so on: names that depend on the order of creation
  posts,      // to the loop, from other threads
  faults,     // their budget
  outcome,    // what the test says of an execution
  shared,     // Shared<T>
  memory,     // see RecordedMemory
  model,      // of tests of the explorer
};

enum class Access : std::uint8_t { read, write };

class Object {
 public:
  Object(ObjectKind kind, std::uint32_t number)
      : id((static_cast<std::uint32_t>(kind) << 24) | number) {}
  std::uint32_t id;
};

// Everything that a step had to do with. A plain value.
class Footprint {
 public:
  void touch(Object object, Access access) {
    const bool writes = access == Access::write;
    const std::uint64_t bit = bit_of(object.id);
    if ((writes ? written_ : read_) & bit) {
      if (has(object.id, writes)) return;
    }
    (writes ? written_ : read_) |= bit;
    entries_.push_back(object.id << 1 | static_cast<std::uint32_t>(writes));
  }
  // Depends on whatever happened before without a reason of its own: only an idle world allowed it.
  void touch_everything() { everything_ = true; }
  // It has arrived where the last of several goes on. In which order they do so is nobody's
  // concern.
  void join(std::uint32_t where) { joins_.push_back(where); }
  // It is that last one, and has needed all of them.
  void pass(std::uint32_t where) { passes_.push_back(where); }

  // A read and a write of the same object, or two writes.
  bool conflicts_with(const Footprint& other) const {
    const bool possible =
        (written_ & (other.read_ | other.written_)) != 0 || (read_ & other.written_) != 0;
    return possible && really_conflicts_with(other);
  }
  bool passes() const { return !passes_.empty(); }
  // It passes where the other has arrived.
  bool passes_after(const Footprint& other) const;
  bool is_everything() const { return everything_; }

  void add(const Footprint& other);
  void clear() {
    entries_.clear();
    joins_.clear();
    passes_.clear();
    read_ = written_ = 0;
    everything_ = false;
  }

  // Twice the object's id, plus one for a write.
  void add_entry(std::uint32_t entry) {
    const auto access = (entry & 1) != 0 ? Access::write : Access::read;
    Object object(ObjectKind::domain, 0);
    object.id = entry >> 1;
    touch(object, access);
  }

  // For checkpoints.
  template <class Archive>
  void archive(Archive& archive) {
    archive(entries_, joins_, passes_, read_, written_, everything_);
  }

 private:
  static std::uint64_t bit_of(std::uint32_t id) {
    return std::uint64_t{1} << ((id * 0x9e3779b1u) >> 26);
  }
  bool has(std::uint32_t id, bool writes) const {
    const std::uint32_t wanted = id << 1 | static_cast<std::uint32_t>(writes);
    for (const std::uint32_t entry : entries_) {
      if (entry == wanted) return true;
    }
    return false;
  }
  bool really_conflicts_with(const Footprint& other) const;

  std::vector<std::uint32_t> entries_;
  std::vector<std::uint32_t> joins_;
  std::vector<std::uint32_t> passes_;
  std::uint64_t read_ = 0;
  std::uint64_t written_ = 0;
  bool everything_ = false;
};

}  // namespace weft::sim::detail
