// Bytes: shared, immutable, however they are stored and sliced.

#include "weft/transport/bytes.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weft::test {
namespace {

const std::string short_text = "31 bytes lie in the object: end";
const std::string long_text = "a text of more than thirty-one bytes, in a block of its own";

// Storage of a transport's own: a shared string in slices of two bytes.
class Slices {
 public:
  explicit Slices(std::string text) : text_(std::make_shared<std::string>(std::move(text))) {}
  std::size_t size() const { return text_->size(); }
  std::size_t slice_count() const { return (text_->size() + 1) / 2; }
  std::string_view slice(std::size_t index) const {
    return std::string_view(*text_).substr(2 * index, 2);
  }
  char* mutable_data() { return text_->data(); }
  long uses() const { return text_.use_count(); }

 private:
  std::shared_ptr<std::string> text_;
};

std::vector<Bytes> every_storage(const std::string& text) {
  const std::array<Bytes, 3> thirds = {Bytes::copy_of(text.substr(0, text.size() / 3)),
                                       Bytes::copy_of(text.substr(text.size() / 3, 1)),
                                       Bytes::copy_of(text.substr(text.size() / 3 + 1))};
  return {Bytes::copy_of(text), Bytes::from_string(text), Bytes::concat(thirds),
          Bytes::wrap(Slices(text))};
}

TEST(Bytes, EmptyOnesHaveNoSlices) {
  for (const Bytes& bytes : {Bytes(), Bytes::copy_of(""), Bytes::from_string(""),
                             Bytes::uninitialized(0), Bytes::concat({})}) {
    EXPECT_TRUE(bytes.empty());
    EXPECT_EQ(bytes.size(), 0u);
    EXPECT_EQ(bytes.slice_count(), 0u);
    EXPECT_EQ(bytes.to_string(), "");
    EXPECT_TRUE(bytes == Bytes());
    EXPECT_TRUE(bytes == "");
  }
}

TEST(Bytes, HoldWhatTheyWereGivenInEveryStorage) {
  for (const std::string& text : {std::string("x"), short_text, short_text + "!", long_text}) {
    for (const Bytes& bytes : every_storage(text)) {
      EXPECT_EQ(bytes.size(), text.size());
      EXPECT_EQ(bytes.to_string(), text);
      EXPECT_FALSE(bytes.empty());
      std::string joined;
      for (std::size_t i = 0; i < bytes.slice_count(); ++i) joined += bytes.slice(i);
      EXPECT_EQ(joined, text);
    }
  }
}

TEST(Bytes, AreEqualByContentHoweverTheyAreSliced) {
  for (const Bytes& a : every_storage(long_text)) {
    for (const Bytes& b : every_storage(long_text)) EXPECT_TRUE(a == b);
    EXPECT_TRUE(a == long_text);
    for (const Bytes& longer : every_storage(long_text + "!")) EXPECT_FALSE(a == longer);
    std::string changed = long_text;
    changed.back() = '?';
    for (const Bytes& other : every_storage(changed)) {
      EXPECT_FALSE(a == other);
      EXPECT_FALSE(other == a);
    }
    EXPECT_FALSE(a == Bytes());
    EXPECT_FALSE(Bytes() == a);
  }
}

TEST(Bytes, MayHoldZeroBytes) {
  const std::string text("a\0b\0", 4);
  for (const Bytes& bytes : every_storage(text)) EXPECT_EQ(bytes.to_string(), text);
}

TEST(Bytes, CopiesOfLongOnesShareTheirMemory) {
  for (const Bytes& bytes : every_storage(long_text)) {
    const Bytes copy = bytes;
    EXPECT_EQ(copy.slice(0).data(), bytes.slice(0).data());
  }
}

TEST(Bytes, CopiesOfShortOnesAreTheirOwn) {
  const Bytes bytes = Bytes::copy_of(short_text);
  ASSERT_EQ(bytes.size(), 31u);
  const Bytes copy = bytes;
  EXPECT_NE(copy.slice(0).data(), bytes.slice(0).data());
  EXPECT_TRUE(copy == bytes);
}

TEST(Bytes, ACopyOutlivesTheOriginal) {
  for (const std::string& text : {short_text, long_text}) {
    for (Bytes& bytes : every_storage(text)) {
      const Bytes copy = bytes;
      bytes = Bytes();
      EXPECT_EQ(copy.to_string(), text);
    }
  }
}

TEST(Bytes, MovingLeavesAnEmptyOneBehind) {
  for (const std::string& text : {short_text, long_text}) {
    for (Bytes& bytes : every_storage(text)) {
      const Bytes moved = std::move(bytes);
      EXPECT_EQ(moved.to_string(), text);
      EXPECT_TRUE(bytes.empty());  // NOLINT: what moving leaves is part of the claim
    }
  }
}

TEST(Bytes, AssigningReplacesAndReleasesWhatWasHeld) {
  const Slices storage(long_text);
  Bytes bytes = Bytes::wrap(storage);
  EXPECT_EQ(storage.uses(), 2);
  bytes = Bytes::copy_of("other");
  EXPECT_EQ(storage.uses(), 1);
  EXPECT_EQ(bytes.to_string(), "other");
}

TEST(Bytes, AssigningToThemselvesChangesNothing) {
  for (Bytes& bytes : every_storage(long_text)) {
    const Bytes& same = bytes;
    bytes = same;
    EXPECT_EQ(bytes.to_string(), long_text);
  }
}

TEST(Bytes, TakeOverALongStringWithoutCopying) {
  std::string text = long_text;
  const char* data = text.data();
  const Bytes bytes = Bytes::from_string(std::move(text));
  EXPECT_EQ(bytes.slice(0).data(), data);
}

TEST(Bytes, ConcatSharesItsParts) {
  const Bytes part = Bytes::copy_of(long_text);
  const std::array<Bytes, 2> parts = {part, part};
  const Bytes both = Bytes::concat(parts);
  EXPECT_EQ(both.size(), 2 * long_text.size());
  ASSERT_EQ(both.slice_count(), 2u);
  EXPECT_EQ(both.slice(0).data(), part.slice(0).data());
  EXPECT_EQ(both.slice(1).data(), part.slice(0).data());
}

TEST(Bytes, ConcatOfShortPartsOwnsThem) {
  Bytes both;
  {
    std::vector<Bytes> parts;
    for (const char* text : {"a", "", "bc"}) parts.push_back(Bytes::copy_of(text));
    both = Bytes::concat(parts);
  }
  const Bytes moved = std::move(both);
  EXPECT_EQ(moved.to_string(), "abc");
  EXPECT_EQ(moved.slice_count(), 2u);
}

TEST(Bytes, ConcatOfOnePartIsThatPart) {
  const std::array<Bytes, 1> parts = {Bytes::copy_of(long_text)};
  EXPECT_EQ(Bytes::concat(parts).slice(0).data(), parts[0].slice(0).data());
}

TEST(Bytes, ConcatOfConcatsFlattens) {
  const std::array<Bytes, 2> inner = {Bytes::copy_of("a"), Bytes::copy_of("b")};
  const std::array<Bytes, 2> outer = {Bytes::concat(inner), Bytes::copy_of("c")};
  const Bytes all = Bytes::concat(outer);
  EXPECT_EQ(all.slice_count(), 3u);
  EXPECT_EQ(all.to_string(), "abc");
}

TEST(Bytes, AreFilledThroughTheirMutableData) {
  for (const std::string& text : {std::string("x"), short_text, long_text}) {
    Bytes bytes = Bytes::uninitialized(text.size());
    ASSERT_EQ(bytes.slice_count(), 1u);
    std::memcpy(bytes.mutable_data(), text.data(), text.size());
    EXPECT_EQ(bytes.to_string(), text);
  }
}

TEST(Bytes, CopyToWritesTheSlicesOneAfterTheOther) {
  for (const Bytes& bytes : every_storage(long_text)) {
    std::vector<char> out(long_text.size() + 1, '#');
    bytes.copy_to(out.data());
    EXPECT_EQ(std::string(out.data(), long_text.size()), long_text);
    EXPECT_EQ(out.back(), '#');
  }
}

TEST(Bytes, GiveBackTheStorageTheyWrap) {
  const Slices storage(long_text);
  const Bytes bytes = Bytes::wrap(storage);
  ASSERT_NE(bytes.storage_as<Slices>(), nullptr);
  EXPECT_EQ(bytes.storage_as<Slices>()->uses(), 2);
  EXPECT_EQ(Bytes::copy_of(long_text).storage_as<Slices>(), nullptr);
  EXPECT_EQ(Bytes().storage_as<Slices>(), nullptr);
}

TEST(Bytes, ReleaseTheStorageTheyWrap) {
  const Slices storage(long_text);
  {
    const Bytes bytes = Bytes::wrap(storage);
    const Bytes copy = bytes;
    EXPECT_EQ(storage.uses(), 3);
  }
  EXPECT_EQ(storage.uses(), 1);
}

TEST(BytesDeathTest, FillingSharedBytesAborts) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  Bytes bytes = Bytes::copy_of(long_text);
  const Bytes copy = bytes;
  EXPECT_DEATH((void)bytes.mutable_data(), "assertion failed");
  Bytes string = Bytes::from_string(long_text);
  EXPECT_DEATH((void)string.mutable_data(), "shared bytes are immutable");
}

}  // namespace
}  // namespace weft::test
