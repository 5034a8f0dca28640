#pragma once

#include <coroutine>
#include <deque>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

#include "weft/api/detail/observed_wait.h"
#include "weft/transport/completion.h"
#include "weft/transport/transport.h"

namespace weft::conformance {

// Told by a Pending before and after it passes a result on.
class CompletionLog {
 public:
  virtual void begin_completion(std::string what) = 0;
  virtual void end_completion() = 0;
  virtual EventLoop& loop() = 0;

 protected:
  ~CompletionLog() = default;
};

inline std::string describe(const OperationResult& result) {
  return result == OperationResult::ok ? "" : " failed";
}
inline std::string describe(const InitialMetadata&) {
  return "";
}
inline std::string describe(const CallStatus&) {
  return "";
}
inline std::string describe(const ConnectivityState&) {
  return "";
}
inline std::string describe(const Received& received) {
  switch (received.kind) {
    case Received::Kind::message:
      return " message";
    case Received::Kind::end:
      return " end";
    default:
      return " failed";
  }
}

// The completion of one kind of operation: keeps results until they are awaited, and resumes who
// waits from inside the completion, so that whatever a check does next it does there (T63).
template <class Result>
class Pending final : public Completion<Result> {
 public:
  Pending(CompletionLog& log, std::string_view name)
      : Completion<Result>(&arrived), log_(log), name_(name) {}

  class Awaiter {
   public:
    explicit Awaiter(Pending& pending) : pending_(pending) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    ~Awaiter() {
      if (pending_.waiter_ == this) pending_.waiter_ = nullptr;
    }
    bool await_ready() const { return !pending_.results_.empty(); }
    void await_suspend(std::coroutine_handle<> handle,
                       std::source_location where = std::source_location::current()) {
      handle_ = handle;
      pending_.waiter_ = this;
      wait_.begin(pending_.log_.loop(), handle, pending_.name_, where);
    }
    Result await_resume() {
      wait_.end();
      Result result = std::move(pending_.results_.front());
      pending_.results_.pop_front();
      return result;
    }

   private:
    friend Pending;
    Pending& pending_;
    std::coroutine_handle<> handle_;
    weft::detail::ObservedWait wait_;
  };
  // The next result that nobody has awaited yet.
  Awaiter next() { return Awaiter(*this); }
  bool has_result() const { return !results_.empty(); }

 private:
  static void arrived(Completion<Result>& completion, Result&& result) noexcept {
    auto& self = static_cast<Pending&>(completion);
    CompletionLog& log = self.log_;
    log.begin_completion(std::string(self.name_) + describe(result));
    self.results_.push_back(std::move(result));
    if (Awaiter* waiter = std::exchange(self.waiter_, nullptr)) waiter->handle_.resume();
    log.end_completion();
  }

  CompletionLog& log_;
  std::string_view name_;
  std::deque<Result> results_;
  Awaiter* waiter_ = nullptr;
};

}  // namespace weft::conformance
