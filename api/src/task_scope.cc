#include "weft/api/task_scope.h"

#include <utility>

#include "weft/transport/assert.h"

namespace weft {
namespace {

detail::RootCoroutine run_child(Task<void> task) {
  co_await std::move(task);
}

}  // namespace

// Queued in the loop twice at most: to start, and, when cancelled from inside the scope or when
// done, to go.
class TaskScope::Child final : public LoopTask, public Recycled {
 public:
  Child(TaskScope& scope, Task<void> task)
      : LoopTask(&Child::start_or_go), scope_(scope), root_(run_child(std::move(task))) {}

  Child* next = nullptr;
  Child* previous = nullptr;

  // Destroys the frame, telling awaiters why.
  void cancel(const std::string& reason) {
    cancellation_.request(reason);
    root_ = detail::RootCoroutine();
  }
  bool is_cancelled() const { return cancellation_.requested(); }
  void request_cancel(const std::string& reason) { cancellation_.request(reason); }

 private:
  enum class State { spawned, started, done };

  static void start_or_go(LoopTask& task) noexcept {
    auto& self = static_cast<Child&>(task);
    if (self.cancellation_.requested() || self.state_ == State::done) {
      self.root_ = detail::RootCoroutine();
      self.scope_.child_done(self);
      return;
    }
    self.state_ = State::started;
    self.root_.start(&Child::done, &self, &self.cancellation_);
  }

  // Runs inside the child's final suspension; the frame goes in the next turn.
  static std::coroutine_handle<> done(void* context) noexcept {
    auto& self = *static_cast<Child*>(context);
    self.state_ = State::done;
    if (std::exception_ptr error = self.root_.take_error()) {
      if (!self.scope_.first_error_) self.scope_.first_error_ = error;
    }
    if (!self.is_queued()) self.scope_.loop_.defer(self);
    return std::noop_coroutine();
  }

  TaskScope& scope_;
  detail::Cancellation cancellation_;
  detail::RootCoroutine root_;
  State state_ = State::spawned;
};

TaskScope::~TaskScope() {
  const std::string reason = detail::TearDown::reason();
  while (children_ != nullptr) {
    Child& child = *children_;
    child.cancel(reason);
    unlink(child);
    delete &child;
  }
  if (first_error_) std::terminate();
}

void TaskScope::spawn(Task<void> task) {
  auto* child = new Child(*this, std::move(task));
  child->next = children_;
  if (children_ != nullptr) children_->previous = child;
  children_ = child;
  ++running_;
  loop_.defer(*child);
}

void TaskScope::cancel(std::string reason) {
  for (Child* child = children_; child != nullptr; child = child->next) {
    if (child->is_cancelled()) continue;
    child->request_cancel(reason);
    if (!child->is_queued()) loop_.defer(*child);
  }
}

void TaskScope::unlink(Child& child) noexcept {
  if (child.previous != nullptr) {
    child.previous->next = child.next;
  } else {
    children_ = child.next;
  }
  if (child.next != nullptr) child.next->previous = child.previous;
  --running_;
}

void TaskScope::child_done(Child& child) noexcept {
  unlink(child);
  delete &child;
  if (running_ == 0) wake_joiners();
}

void TaskScope::wake_joiners() {
  while (LoopTask* joiner = joiners_.pop()) loop_.defer(*joiner);
}

void TaskScope::rethrow_first_error() {
  if (first_error_) std::rethrow_exception(std::exchange(first_error_, nullptr));
}

}  // namespace weft
