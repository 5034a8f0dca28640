#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "weft/transport/assert.h"

namespace weft {

// One serialised message: an immutable, shared sequence of slices.
//
// A Bytes of up to 31 bytes lies in the object itself; a longer one shares a counted block. A
// transport brings storage of its own (a slice, a received buffer) with wrap(), so that nothing is
// copied between its buffers and a codec (T08). A copy shares; it copies no more than 31 bytes.
//
// Threads: distinct Bytes that share storage may be used from different threads.
class Bytes {
 public:
  Bytes() noexcept = default;
  Bytes(const Bytes& other) : operations_(other.operations_) { share(other); }
  Bytes(Bytes&& other) noexcept : operations_(other.operations_) { take(other); }
  Bytes& operator=(Bytes other) noexcept;
  ~Bytes() {
    if (operations_ != &nothing) operations_->destroy(storage_);
  }

  static Bytes copy_of(std::string_view text);
  // Takes the string over; long ones are not copied.
  static Bytes from_string(std::string text);
  // The parts one after the other, sharing their storage.
  static Bytes concat(std::span<const Bytes> parts);
  // `size` bytes to be filled through mutable_data() before the Bytes is copied or sent. The
  // contents are unspecified until then.
  static Bytes uninitialized(std::size_t size);

  std::size_t size() const { return operations_->size(storage_); }
  bool empty() const { return size() == 0; }

  std::size_t slice_count() const { return operations_->slice_count(storage_); }
  // Valid as long as this Bytes lives and is neither moved from nor assigned to.
  std::string_view slice(std::size_t index) const { return operations_->slice(storage_, index); }

  void copy_to(char* destination) const;
  std::string to_string() const;

  // By content; how it is sliced does not matter.
  friend bool operator==(const Bytes& a, const Bytes& b);
  friend bool operator==(const Bytes& a, std::string_view b);

  // For whoever fills a fresh allocation (uninitialized() or BytesAllocator::allocate).
  char* mutable_data() { return operations_->mutable_data(storage_); }

  // For transports: a Bytes over storage of the transport's own. Storage is movable by copying its
  // object representation, at most 32 bytes, copyable (a copy shares), and has size(),
  // slice_count(), slice(index) and mutable_data().
  template <class Storage>
  static Bytes wrap(Storage storage);
  // The storage, if this Bytes was made by wrap<Storage>, else null. Same validity as slice().
  template <class Storage>
  const Storage* storage_as() const;

 private:
  static constexpr std::size_t storage_bytes = 32;
  static constexpr std::size_t storage_alignment = 8;

  struct Operations {
    void (*share)(const std::byte* from, std::byte* to);
    void (*destroy)(std::byte*) noexcept;
    std::size_t (*size)(const std::byte*);
    std::size_t (*slice_count)(const std::byte*);
    std::string_view (*slice)(const std::byte*, std::size_t);
    char* (*mutable_data)(std::byte*);
  };
  template <class Storage>
  struct OperationsOf;

  // Storage of an empty Bytes: no slices.
  struct Nothing {
    std::size_t size() const { return 0; }
    std::size_t slice_count() const { return 0; }
    std::string_view slice(std::size_t) const { return {}; }
    char* mutable_data() { return nullptr; }
  };
  static const Operations nothing;

  void share(const Bytes& other) { operations_->share(other.storage_, storage_); }
  void take(Bytes& other) noexcept {
    std::memcpy(storage_, other.storage_, storage_bytes);
    other.operations_ = &nothing;
  }

  const Operations* operations_ = &nothing;
  alignas(storage_alignment) std::byte storage_[storage_bytes] = {};
};

// Where a codec gets the memory that it serialises into: a transport hands out memory that it can
// send without another copy. Implementations are callable from the loop's thread.
class BytesAllocator {
 public:
  // A Bytes of `size` bytes in one slice, to be filled through mutable_data().
  virtual Bytes allocate(std::size_t size) = 0;

 protected:
  ~BytesAllocator() = default;
};

template <class Storage>
struct Bytes::OperationsOf {
  static_assert(sizeof(Storage) <= storage_bytes);
  static_assert(alignof(Storage) <= storage_alignment);
  static_assert(std::is_copy_constructible_v<Storage>);

  static const Storage* in(const std::byte* at) {
    return std::launder(reinterpret_cast<const Storage*>(at));
  }
  static Storage* in(std::byte* at) { return std::launder(reinterpret_cast<Storage*>(at)); }

  static constexpr Operations table = {
      [](const std::byte* from, std::byte* to) { ::new (to) Storage(*in(from)); },
      [](std::byte* at) noexcept { in(at)->~Storage(); },
      [](const std::byte* at) { return in(at)->size(); },
      [](const std::byte* at) { return in(at)->slice_count(); },
      [](const std::byte* at, std::size_t index) { return in(at)->slice(index); },
      [](std::byte* at) { return in(at)->mutable_data(); },
  };
};

template <class Storage>
Bytes Bytes::wrap(Storage storage) {
  Bytes bytes;
  ::new (bytes.storage_) Storage(std::move(storage));
  bytes.operations_ = &OperationsOf<Storage>::table;
  return bytes;
}

template <class Storage>
const Storage* Bytes::storage_as() const {
  return operations_ == &OperationsOf<Storage>::table ? OperationsOf<Storage>::in(storage_)
                                                      : nullptr;
}

inline Bytes& Bytes::operator=(Bytes other) noexcept {
  operations_->destroy(storage_);
  operations_ = other.operations_;
  take(other);
  return *this;
}

}  // namespace weft
