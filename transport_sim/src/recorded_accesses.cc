// What the compiler calls for each load and store of code that was compiled with -fsanitize=thread,
// whose own run-time library is not linked. (-fsanitize-coverage=trace-loads,trace-stores leaves
// out what is copied as a whole, and with it dependences.) See RecordedMemory.

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "weft/transport_sim/detail/recorded_memory.h"

namespace {

using weft::sim::detail::Access;
using weft::sim::detail::RecordedMemory;

inline void note(const volatile void* where, std::size_t bytes, Access access) {
  RecordedMemory* const memory = RecordedMemory::current();
  if (memory != nullptr) memory->access(const_cast<const void*>(where), bytes, access);
}
inline void reads(const volatile void* where, std::size_t bytes) {
  note(where, bytes, Access::read);
}
inline void writes(const volatile void* where, std::size_t bytes) {
  note(where, bytes, Access::write);
}

void* allocate(std::size_t bytes, std::size_t alignment) {
  const std::size_t size = bytes == 0 ? 1 : bytes;
  void* const block =
      alignment <= alignof(std::max_align_t)
          ? std::malloc(size)
          : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (block == nullptr) throw std::bad_alloc();
  if (RecordedMemory* const memory = RecordedMemory::current()) memory->allocated(block, size);
  return block;
}

void release(void* block) noexcept {
  RecordedMemory* const memory = RecordedMemory::current();
  if (memory != nullptr && block != nullptr) memory->freed(block);
  std::free(block);
}

template <class Function>
Function next_of(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

[[gnu::constructor]] void become_available() {
  RecordedMemory::available() = true;
}

}  // namespace

void* operator new(std::size_t bytes) {
  return allocate(bytes, 1);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept {
  release(block);
}
void operator delete(void* block, std::size_t) noexcept {
  release(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
  release(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  release(block);
}

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_read(void** where) {
  reads(where, sizeof *where);
}
void __tsan_vptr_update(void** where, void*) {
  writes(where, sizeof *where);
}

// NOLINTBEGIN(cppcoreguidelines-macro-usage): the compiler wants a function for each size
#define WEFT_ACCESSES(bytes)                             \
  void __tsan_read##bytes(void* where) {                 \
    reads(where, bytes);                                 \
  }                                                      \
  void __tsan_write##bytes(void* where) {                \
    writes(where, bytes);                                \
  }                                                      \
  void __tsan_unaligned_read##bytes(void* where) {       \
    reads(where, bytes);                                 \
  }                                                      \
  void __tsan_unaligned_write##bytes(void* where) {      \
    writes(where, bytes);                                \
  }                                                      \
  void __tsan_read_write##bytes(void* where) {           \
    writes(where, bytes);                                \
  }                                                      \
  void __tsan_unaligned_read_write##bytes(void* where) { \
    writes(where, bytes);                                \
  }

WEFT_ACCESSES(1)
WEFT_ACCESSES(2)
WEFT_ACCESSES(4)
WEFT_ACCESSES(8)
WEFT_ACCESSES(16)

void* __tsan_memcpy(void* to, const void* from, std::size_t bytes) {
  reads(from, bytes);
  writes(to, bytes);
  return std::memcpy(to, from, bytes);
}
void* __tsan_memmove(void* to, const void* from, std::size_t bytes) {
  reads(from, bytes);
  writes(to, bytes);
  return std::memmove(to, from, bytes);
}
void* __tsan_memset(void* to, int value, std::size_t bytes) {
  writes(to, bytes);
  return std::memset(to, value, bytes);
}

// One thread runs, so the order asked for does not matter.
#define WEFT_ATOMIC_UPDATE(bits, type, name, builtin)                        \
  type __tsan_atomic##bits##_##name(volatile type* where, type value, int) { \
    writes(where, sizeof(type));                                             \
    return builtin(where, value, __ATOMIC_SEQ_CST);                          \
  }
#define WEFT_ATOMICS(bits, type)                                                                   \
  type __tsan_atomic##bits##_load(const volatile type* where, int) {                               \
    reads(where, sizeof(type));                                                                    \
    return __atomic_load_n(where, __ATOMIC_SEQ_CST);                                               \
  }                                                                                                \
  void __tsan_atomic##bits##_store(volatile type* where, type value, int) {                        \
    writes(where, sizeof(type));                                                                   \
    __atomic_store_n(where, value, __ATOMIC_SEQ_CST);                                              \
  }                                                                                                \
  WEFT_ATOMIC_UPDATE(bits, type, exchange, __atomic_exchange_n)                                    \
  WEFT_ATOMIC_UPDATE(bits, type, fetch_add, __atomic_fetch_add)                                    \
  WEFT_ATOMIC_UPDATE(bits, type, fetch_sub, __atomic_fetch_sub)                                    \
  WEFT_ATOMIC_UPDATE(bits, type, fetch_and, __atomic_fetch_and)                                    \
  WEFT_ATOMIC_UPDATE(bits, type, fetch_or, __atomic_fetch_or)                                      \
  WEFT_ATOMIC_UPDATE(bits, type, fetch_xor, __atomic_fetch_xor)                                    \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile type* where, type* expected,          \
                                                    type value, int, int) {                        \
    writes(where, sizeof(type));                                                                   \
    return __atomic_compare_exchange_n(where, expected, value, false, __ATOMIC_SEQ_CST,            \
                                       __ATOMIC_SEQ_CST);                                          \
  }                                                                                                \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile type* where, type* expected,            \
                                                  type value, int, int) {                          \
    return __tsan_atomic##bits##_compare_exchange_strong(where, expected, value, 0, 0);            \
  }                                                                                                \
  type __tsan_atomic##bits##_compare_exchange_val(volatile type* where, type expected, type value, \
                                                  int, int) {                                      \
    __tsan_atomic##bits##_compare_exchange_strong(where, &expected, value, 0, 0);                  \
    return expected;                                                                               \
  }

WEFT_ATOMICS(8, unsigned char)
WEFT_ATOMICS(16, unsigned short)
WEFT_ATOMICS(32, unsigned int)
WEFT_ATOMICS(64, unsigned long)
// NOLINTEND(cppcoreguidelines-macro-usage)

void __tsan_atomic_thread_fence(int) {}
void __tsan_atomic_signal_fence(int) {}

// --- what the C library reads for its callers; written out, or it would call itself ---

int memcmp(const void* a, const void* b, std::size_t bytes) noexcept {
  const auto* const left = static_cast<const unsigned char*>(a);
  const auto* const right = static_cast<const unsigned char*>(b);
  std::size_t i = 0;
  while (i < bytes && left[i] == right[i]) ++i;
  const std::size_t looked_at = i < bytes ? i + 1 : bytes;
  reads(a, looked_at);
  reads(b, looked_at);
  return i == bytes ? 0 : left[i] - right[i];
}
int bcmp(const void* a, const void* b, std::size_t bytes) noexcept {
  return memcmp(a, b, bytes);
}
std::size_t strlen(const char* text) noexcept {
  std::size_t length = 0;
  while (text[length] != 0) ++length;
  reads(text, length + 1);
  return length;
}

}  // extern "C"

// --- what the C++ library's machine code does to trees and lists ---

namespace std {

class _Rb_tree_node_base;

namespace {

// The first words of a node: colour, parent, left, right.
struct Node {
  std::size_t colour;
  Node* parent;
  Node* left;
  Node* right;
};

// The tree's own, which every search and every iteration begins with: the parent of the root, whose
// parent is the root.
const Node* header_of(const void* of) {
  const Node* node = static_cast<const Node*>(of);
  while (node->parent != nullptr && node->parent->parent != node) node = node->parent;
  return node->parent == nullptr ? node : node->parent;
}
template <class Function>
Function step_of(const char* name, const void* from) {
  reads(header_of(from), sizeof(Node));
  return next_of<Function>(name);
}

}  // namespace

_Rb_tree_node_base* _Rb_tree_increment(_Rb_tree_node_base* node) noexcept {
  using Function = _Rb_tree_node_base* (*)(_Rb_tree_node_base*);
  return step_of<Function>("_ZSt18_Rb_tree_incrementPSt18_Rb_tree_node_base", node)(node);
}
const _Rb_tree_node_base* _Rb_tree_increment(const _Rb_tree_node_base* node) noexcept {
  using Function = const _Rb_tree_node_base* (*)(const _Rb_tree_node_base*);
  return step_of<Function>("_ZSt18_Rb_tree_incrementPKSt18_Rb_tree_node_base", node)(node);
}
_Rb_tree_node_base* _Rb_tree_decrement(_Rb_tree_node_base* node) noexcept {
  using Function = _Rb_tree_node_base* (*)(_Rb_tree_node_base*);
  return step_of<Function>("_ZSt18_Rb_tree_decrementPSt18_Rb_tree_node_base", node)(node);
}
const _Rb_tree_node_base* _Rb_tree_decrement(const _Rb_tree_node_base* node) noexcept {
  using Function = const _Rb_tree_node_base* (*)(const _Rb_tree_node_base*);
  return step_of<Function>("_ZSt18_Rb_tree_decrementPKSt18_Rb_tree_node_base", node)(node);
}
void _Rb_tree_insert_and_rebalance(const bool left, _Rb_tree_node_base* node,
                                   _Rb_tree_node_base* parent,
                                   _Rb_tree_node_base& header) noexcept {
  using Function = void (*)(bool, _Rb_tree_node_base*, _Rb_tree_node_base*, _Rb_tree_node_base&);
  writes(&header, sizeof(Node));
  writes(node, sizeof(Node));
  writes(parent, sizeof(Node));
  next_of<Function>("_ZSt29_Rb_tree_insert_and_rebalancebPSt18_Rb_tree_node_baseS0_RS_")(
      left, node, parent, header);
}
_Rb_tree_node_base* _Rb_tree_rebalance_for_erase(_Rb_tree_node_base* node,
                                                 _Rb_tree_node_base& header) noexcept {
  using Function = _Rb_tree_node_base* (*)(_Rb_tree_node_base*, _Rb_tree_node_base&);
  writes(&header, sizeof(Node));
  return next_of<Function>("_ZSt28_Rb_tree_rebalance_for_erasePSt18_Rb_tree_node_baseRS_")(node,
                                                                                           header);
}

namespace __detail {

// Defined here, and not passed on: a list's nodes are linked by four stores.
struct _List_node_base {
  _List_node_base* next;
  _List_node_base* previous;
  void _M_hook(_List_node_base* before) noexcept;
  void _M_unhook() noexcept;
};

void _List_node_base::_M_hook(_List_node_base* before) noexcept {
  reads(before, sizeof *before);
  next = before;
  previous = before->previous;
  previous->next = this;
  before->previous = this;
  writes(this, sizeof *this);
  writes(&previous->next, sizeof previous->next);
  writes(&before->previous, sizeof before->previous);
}
void _List_node_base::_M_unhook() noexcept {
  reads(this, sizeof *this);
  previous->next = next;
  next->previous = previous;
  writes(&previous->next, sizeof previous->next);
  writes(&next->previous, sizeof next->previous);
}

}  // namespace __detail
}  // namespace std
