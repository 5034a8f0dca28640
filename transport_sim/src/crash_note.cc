#include "weft/transport_sim/detail/crash_note.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <mutex>
#include <string>
#include <vector>

// Only in a process with a sanitizer.
extern "C" void weft_set_sanitizer_death_callback(void (*callback)()) __asm__(
    "__sanitizer_set_death_callback") __attribute__((weak));

namespace weft::sim::detail {
namespace {

constexpr std::array crash_signals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr std::size_t signal_stack_bytes = 65536;

constinit std::mutex notes_mutex;
constinit std::atomic<const CrashNote*> newest_note = nullptr;
constinit std::atomic<bool> has_said = false;
constinit std::array<struct sigaction, crash_signals.size()> previous_actions = {};

using SetDeathCallback = void (*)(void (*callback)());

// Sets what is called before a sanitizer ends the process. g++ links a library for each sanitizer,
// and each of them has a callback of its own.
void set_death_callback(void (*callback)()) {
  if (&weft_set_sanitizer_death_callback != nullptr) weft_set_sanitizer_death_callback(callback);
  std::vector<std::string> libraries;
  const auto collect = [](dl_phdr_info* module, std::size_t, void* found) {
    if (std::strstr(module->dlpi_name, "san.so") != nullptr) {
      static_cast<std::vector<std::string>*>(found)->emplace_back(module->dlpi_name);
    }
    return 0;
  };
  dl_iterate_phdr(collect, &libraries);
  for (const std::string& library : libraries) {
    void* handle = dlopen(library.c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (handle == nullptr) continue;
    const auto set =
        reinterpret_cast<SetDeathCallback>(dlsym(handle, "__sanitizer_set_death_callback"));
    if (set != nullptr) set(callback);
    dlclose(handle);
  }
}

// A stack for the handlers of this thread, for the crash that is a full stack. Only where there is
// none yet.
class SignalStack {
 public:
  SignalStack() {
    stack_t current = {};
    if (sigaltstack(nullptr, &current) != 0 || (current.ss_flags & SS_DISABLE) == 0) return;
    memory_ = std::make_unique_for_overwrite<char[]>(signal_stack_bytes);
    stack_t ours = {};
    ours.ss_sp = memory_.get();
    ours.ss_size = signal_stack_bytes;
    if (sigaltstack(&ours, nullptr) != 0) memory_.reset();
  }
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;
  ~SignalStack() {
    if (memory_ == nullptr) return;
    stack_t none = {};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
  }

 private:
  std::unique_ptr<char[]> memory_;
};

}  // namespace

// The process's crash handlers and the living notes, which they read.
class CrashNote::Handlers {
 public:
  static void add(CrashNote& note) {
    const std::lock_guard lock(notes_mutex);
    note.older_ = newest_note.load(std::memory_order_relaxed);
    newest_note.store(&note, std::memory_order_release);
    static const bool installed = (install(), true);
    (void)installed;
  }

  static void remove(const CrashNote& note) {
    const std::lock_guard lock(notes_mutex);
    const CrashNote* newest = newest_note.load(std::memory_order_relaxed);
    if (newest == &note) {
      newest_note.store(note.older_, std::memory_order_release);
      return;
    }
    while (newest->older_ != &note) newest = newest->older_;
    const_cast<CrashNote*>(newest)->older_ = note.older_;
  }

 private:
  static void install() {
    struct sigaction action = {};
    action.sa_sigaction = &on_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < crash_signals.size(); ++i) {
      sigaction(crash_signals[i], &action, &previous_actions[i]);
    }
    set_death_callback(&say);
  }

  // From here on everything runs in a signal handler: no lock, no allocation.

  static void on_signal(int signal, siginfo_t* info, void* context) {
    const int error = errno;
    say();
    errno = error;
    const auto* found = std::find(crash_signals.begin(), crash_signals.end(), signal);
    const struct sigaction& previous =
        previous_actions[static_cast<std::size_t>(found - crash_signals.begin())];
    if ((previous.sa_flags & SA_SIGINFO) != 0) {
      previous.sa_sigaction(signal, info, context);
    } else if (previous.sa_handler == SIG_DFL) {
      // Pending until this handler returns, and then deadly at the place of the crash.
      sigaction(signal, &previous, nullptr);
      raise(signal);
    } else if (previous.sa_handler == SIG_IGN) {
      // Nobody can ignore a fault of the processor: it happens again, and the kernel ends it.
      sigaction(signal, &previous, nullptr);
    } else {
      previous.sa_handler(signal);
    }
  }

  static void say() {
    const CrashNote* note = note_of_this_thread();
    if (note == nullptr || note->token_[0] == '\0') return;
    if (has_said.exchange(true, std::memory_order_relaxed)) return;
    const iovec pieces[] = {piece("weft: crashed in "),
                            piece(note->test_),
                            piece(" while running schedule "),
                            piece_of_token(*note),
                            piece("\nweft: replay it with: "),
                            piece(note->command_),
                            piece_of_token(*note),
                            piece("\n")};
    [[maybe_unused]] const ssize_t written = writev(STDERR_FILENO, pieces, std::size(pieces));
  }

  static const CrashNote* note_of_this_thread() {
    const CrashNote* newest = newest_note.load(std::memory_order_acquire);
    for (const CrashNote* note = newest; note != nullptr; note = note->older_) {
      if (pthread_equal(note->thread_, pthread_self()) != 0) return note;
    }
    return newest;
  }

  static iovec piece(std::string_view text) {
    return {const_cast<char*>(text.data()), text.size()};
  }
  static iovec piece_of_token(const CrashNote& note) {
    return {note.token_, strnlen(note.token_, token_capacity)};
  }
};

CrashNote::CrashNote(const std::string& path, std::string_view test, std::string_view command)
    : path_(path),
      test_(test),
      command_(command),
      thread_(pthread_self()),
      mapped_bytes_(test.size() + 1 + token_capacity) {
  if (!path_.empty()) map_file();
  if (!has_file_) memory_ = std::make_unique_for_overwrite<char[]>(mapped_bytes_);
  char* const memory = has_file_ ? mapping_ : memory_.get();
  std::copy(test_.begin(), test_.end(), memory);
  memory[test_.size()] = '\n';
  token_ = memory + test_.size() + 1;
  token_[0] = '\0';
  static thread_local const SignalStack stack;
  Handlers::add(*this);
}

CrashNote::~CrashNote() {
  Handlers::remove(*this);
  if (!has_file_) return;
  unlink(path_.c_str());
  munmap(mapping_, mapped_bytes_);
}

void CrashNote::map_file() {
  const int file =
      open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  void* mapping = MAP_FAILED;
  if (file >= 0) {
    // Reserves the space: a write to a mapped page that the disk has no room for is a SIGBUS.
    if (posix_fallocate(file, 0, static_cast<off_t>(mapped_bytes_)) == 0) {
      mapping = mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    }
    close(file);
    has_file_ = mapping != MAP_FAILED;
    if (!has_file_) unlink(path_.c_str());
  }
  if (has_file_) mapping_ = static_cast<char*>(mapping);
}

}  // namespace weft::sim::detail
