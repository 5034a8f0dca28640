#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "weft/transport_sim/detail/footprint.h"

namespace weft::sim::detail {

// What user code loads and stores, as part of the footprints of its steps. In a program that links
// weft::sim_recorded_accesses, and whose code was compiled to tell of its accesses (preset
// clang-recorded), steps of user code touch the memory that they touch, and not World: they are
// independent if that is disjoint, without anybody having declared anything, and dependent if it is
// not, whatever was declared.
//
// Memory has names that are the same in all executions that differ by swaps of independent steps,
// because what sleeps is compared with steps of later executions: a word of a block is named after
// the step that allocated the block, by its label, and how many it had allocated before. All other
// memory (globals, frames that are older than the step, what was there before the execution) is one
// object.
//
// Not recorded, and why nothing is lost by that:
//   the stack of the running step: it did not exist before, and does not after;
//   the World, the Execution and whoever records: the simulator says itself what it touches;
//   blocks that the simulator allocates for its own books, where it says so with Unrecorded: how
//   many there are depends on earlier executions.
// What a step reads of memory that it has allocated itself costs little and is recorded: another
// step gets to know of the block by a load that is recorded, or because this step let it happen.
//
// Loses dependences: code that was compiled otherwise. The simulator declares what it touches; the
// C++ library's own machine code that changes what a program sees (nodes of trees and lists, the
// comparison of bytes) is known by name to the recording library; anything else that is called in a
// library compiled without recording, and keeps what one step writes for another to read, is not
// seen. The audit of a reduced search stands guard over that, as it does over isolated().
class RecordedMemory {
 public:
  // Of this thread; null: nothing is recorded now.
  static RecordedMemory*& current();
  // The program links what tells of accesses. Tests turn it off to compare.
  static bool& available();

  void begin_execution(Footprint& footprint);
  void exempt(const void* object, std::size_t bytes);
  // Frames below this address belong to the step.
  void begin_step(std::uint64_t label, const void* stack);

  void access(const void* where, std::size_t bytes, Access access);
  void allocated(const void* block, std::size_t bytes);
  void freed(const void* block);

  void pause() { ++paused_; }
  void resume() { --paused_; }

 private:
  class Block {
   public:
    std::size_t bytes = 0;
    std::uint64_t name = 0;
  };
  class Range {
   public:
    std::uintptr_t begin, end;
  };

  void touch(std::uint64_t name, Access access);

  Footprint* footprint_ = nullptr;
  std::map<std::uintptr_t, Block> blocks_;
  std::vector<Range> exempt_;
  std::uintptr_t stack_ = 0;
  std::uint64_t step_ = 0;
  std::uint64_t allocations_ = 0;  // of the step
  unsigned paused_ = 0;
};

// As long as it lives, nothing is recorded.
class Unrecorded {
 public:
  Unrecorded() : memory_(RecordedMemory::current()) {
    if (memory_ != nullptr) memory_->pause();
  }
  Unrecorded(const Unrecorded&) = delete;
  Unrecorded& operator=(const Unrecorded&) = delete;
  ~Unrecorded() {
    if (memory_ != nullptr) memory_->resume();
  }

 private:
  RecordedMemory* memory_;
};

}  // namespace weft::sim::detail
