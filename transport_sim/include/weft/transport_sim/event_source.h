#pragma once

#include <cstddef>
#include <cstdint>

#include "weft/transport_sim/label.h"

namespace weft::sim {

class EventList;
class World;

// How the default order ranks what may happen: the oldest event of the network first, then floating
// actions, then timers, faults never. So the default execution is the happy path.
enum class EventClass { network, action, timer, fault };

// When something was caused, counted by World::new_cause: what was caused earlier happens earlier
// by default.
using Cause = std::uint64_t;

// A process of the simulated world: a FIFO whose head may be what happens next. It is enabled while
// it is in one of the world's lists, in order of the causes of their heads. Destroying it withdraws
// it.
class EventSource {
 public:
  EventSource() = default;
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;

  // The name of what would happen.
  virtual Label label() const = 0;
  // Lets it happen. The source was withdrawn before, and may enable itself again.
  virtual void fire() = 0;
  // It tells the world itself what its steps touch. Otherwise each runs user code, which may touch
  // anything.
  virtual bool declares_footprint() const { return false; }

  bool is_enabled() const { return next_ != nullptr; }
  // Harmless when it is not enabled.
  void withdraw() noexcept {
    if (is_enabled()) unlink();
  }

 protected:
  virtual ~EventSource() { withdraw(); }
  // Of a source that declares its footprint: which domain's code it may touch; 0: any.
  void belongs_to(std::uint32_t domain) { domain_ = domain; }

 private:
  friend class EventList;
  friend class World;

  void unlink() noexcept;

  EventSource* next_ = nullptr;
  EventSource* previous_ = nullptr;
  EventList* list_ = nullptr;
  Cause cause_ = 0;
  // For reduced searches: which source it is in this execution, and whose code it runs.
  std::uint32_t process_ = 0;
  std::uint32_t domain_ = 0;
};

// Enabled sources, in order of their causes; equal ones in the order in which they were enabled.
class EventList {
 public:
  EventList();
  ~EventList();

  // A source that is enabled already keeps its place.
  void enable(EventSource& source, Cause cause) noexcept {
    if (!source.is_enabled()) link(source, cause);
  }
  std::size_t size() const { return size_; }
  EventSource* first() const { return next(head_); }
  // Null behind the last.
  EventSource* next(const EventSource& source) const {
    return source.next_ == &head_ ? nullptr : source.next_;
  }

 private:
  friend class EventSource;

  class Head final : public EventSource {
   public:
    Label label() const override { return Label(); }
    void fire() override {}
  };

  void link(EventSource& source, Cause cause) noexcept;

  Head head_;
  std::size_t size_ = 0;
};

}  // namespace weft::sim
