// Metadata: an ordered multimap that checks nothing until it is asked to.

#include "weft/transport/metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace weft::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;

const Metadata sample{{"key1", "value1"}, {"key1", "value2"}, {"key2", "value3"}};

TEST(Metadata, IsBuiltFromPairsAndCountsValues) {  // B380
  EXPECT_EQ(sample.size(), 3u);
  EXPECT_FALSE(sample.empty());
  EXPECT_TRUE(Metadata().empty());
  EXPECT_EQ(Metadata().size(), 0u);
}

TEST(Metadata, GetGivesTheFirstValueOrNothing) {  // B381
  EXPECT_EQ(sample.get("key1"), "value1");
  EXPECT_EQ(sample.get("key2"), "value3");
  EXPECT_EQ(sample.get("unknown"), std::nullopt);
}

TEST(Metadata, AddAppendsAndTheFirstValueStaysFirst) {  // B382
  Metadata metadata = sample;
  metadata.add("key1", "value4");
  metadata.add("new", "value5");
  EXPECT_EQ(metadata.get("key1"), "value1");
  EXPECT_THAT(metadata.get_all("key1"), ElementsAre("value1", "value2", "value4"));
  EXPECT_EQ(metadata.get("new"), "value5");
}

TEST(Metadata, GetAllGivesEveryValueInOrder) {  // B383
  EXPECT_THAT(sample.get_all("key1"), ElementsAre("value1", "value2"));
  EXPECT_THAT(sample.get_all("unknown"), IsEmpty());
}

TEST(Metadata, ContainsTestsKeys) {  // B384
  EXPECT_TRUE(sample.contains("key1"));
  EXPECT_FALSE(sample.contains("value1"));
  EXPECT_FALSE(sample.contains("key"));
}

TEST(Metadata, IsEqualWithTheSameEntriesInTheSameOrder) {  // B385
  EXPECT_EQ(sample, (Metadata{{"key1", "value1"}, {"key1", "value2"}, {"key2", "value3"}}));
  EXPECT_NE(sample, (Metadata{{"key2", "value3"}, {"key1", "value1"}, {"key1", "value2"}}));
  EXPECT_NE(sample, (Metadata{{"key1", "value1"}}));
  EXPECT_NE((Metadata{{"a", "1"}}), (Metadata{{"a", "2"}}));
}

TEST(Metadata, WritesItselfAsPairs) {  // B386
  EXPECT_EQ((Metadata{{"key1", "value1"}, {"key2", "value2"}}).to_string(),
            "Metadata((('key1', 'value1'), ('key2', 'value2')))");
  EXPECT_EQ((Metadata{{"key1", "value1"}}).to_string(), "Metadata((('key1', 'value1'),))");
  EXPECT_EQ(Metadata().to_string(), "Metadata(())");
  EXPECT_EQ((Metadata{{"raw-bin", std::string("\0\xff", 2)}}).to_string(),
            "Metadata((('raw-bin', '\\x00\\xff'),))");
}

TEST(Metadata, SetReplacesTheFirstValueAndKeepsTheRest) {  // B387
  Metadata metadata = sample;
  metadata.set("key1", "other");
  EXPECT_THAT(metadata.get_all("key1"), ElementsAre("other", "value2"));
  metadata.set("key1", "another");
  EXPECT_THAT(metadata.get_all("key1"), ElementsAre("another", "value2"));
  metadata.set("new", "one");
  EXPECT_THAT(metadata.get_all("new"), ElementsAre("one"));
}

TEST(Metadata, SetAllReplacesEveryValueOfAKey) {  // B388
  Metadata metadata = sample;
  metadata.set_all("key1", {"a", "b", "c"});
  EXPECT_THAT(metadata.get_all("key1"), ElementsAre("a", "b", "c"));
  EXPECT_EQ(metadata.get("key2"), "value3");
  metadata.set_all("key2", {});
  EXPECT_FALSE(metadata.contains("key2"));
}

TEST(Metadata, RemovesTheFirstValueOrAllOfAKey) {  // B389
  Metadata metadata = sample;
  EXPECT_TRUE(metadata.remove_first("key1"));
  EXPECT_THAT(metadata.get_all("key1"), ElementsAre("value2"));
  EXPECT_FALSE(metadata.remove_first("unknown"));
  Metadata other = sample;
  EXPECT_EQ(other.remove_all("key1"), 2u);
  EXPECT_EQ(other.remove_all("key1"), 0u);
  EXPECT_EQ(other, (Metadata{{"key2", "value3"}}));
}

TEST(Metadata, IsConvertedFromAListOfPairs) {  // B390
  const std::vector<Metadata::Entry> pairs = {{"key1", "value1"}, {"key1", "value2"}};
  EXPECT_EQ(Metadata(pairs), (Metadata{{"key1", "value1"}, {"key1", "value2"}}));
}

TEST(Metadata, ASumIsTheEntriesOfBoth) {  // B391
  EXPECT_EQ(
      sample + (Metadata{{"key1", "last"}}),
      (Metadata{{"key1", "value1"}, {"key1", "value2"}, {"key2", "value3"}, {"key1", "last"}}));
  EXPECT_EQ(sample + Metadata(), sample);
  EXPECT_EQ(sample.size(), 3u);
}

TEST(Metadata, IteratesInTheOrderOfInsertion) {  // B392, decided: nothing is regrouped
  Metadata metadata;
  metadata.add("a", "1");
  metadata.add("b", "2");
  metadata.add("a", "3");
  EXPECT_THAT(std::vector<Metadata::Entry>(metadata.begin(), metadata.end()),
              ElementsAre(Pair("a", "1"), Pair("b", "2"), Pair("a", "3")));
}

TEST(Metadata, RemovingTheLastValueRemovesTheKey) {  // B393, mended
  Metadata metadata{{"a", "1"}};
  EXPECT_TRUE(metadata.remove_first("a"));
  EXPECT_FALSE(metadata.contains("a"));
  EXPECT_EQ(metadata.size(), 0u);
  EXPECT_EQ(metadata.get("a"), std::nullopt);
}

TEST(Metadata, EntriesCanBeWalkedAsKeysAndValues) {  // B394, mended
  std::string keys;
  std::string values;
  for (const auto& [key, value] : sample) {
    keys += key + ' ';
    values += value + ' ';
  }
  EXPECT_EQ(keys, "key1 key1 key2 ");
  EXPECT_EQ(values, "value1 value2 value3 ");
}

TEST(Metadata, KeysAreComparedExactly) {  // B395
  EXPECT_FALSE(sample.contains("KEY1"));
  Metadata metadata{{"Key", "1"}, {"key", "2"}};
  EXPECT_EQ(metadata.get("key"), "2");
  EXPECT_EQ(metadata.remove_all("Key"), 1u);
}

std::string fault(std::string key, std::string value = "value") {
  const absl::Status status = Metadata{{std::move(key), std::move(value)}}.validate();
  if (status.ok()) return "ok";
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);  // B368
  return std::string(status.message());
}

TEST(MetadataValidity, LegalEntriesPass) {
  EXPECT_EQ(Metadata().validate(), absl::OkStatus());
  EXPECT_EQ(fault("abcdefghijklmnopqrstuvwxyz0123456789-_."), "ok");
  EXPECT_EQ(fault("key", ""), "ok");
  EXPECT_EQ(fault("key", " ~!\"#$%&'()"), "ok");
  EXPECT_EQ(fault("grpc", "value"), "ok");
  EXPECT_EQ(fault("grpcs-key", "value"), "ok");
}

TEST(MetadataValidity, AnEmptyKeyIsNamed) {
  EXPECT_EQ(fault(""), "illegal metadata: empty key");
}

TEST(MetadataValidity, AnIllegalKeyIsNamedWithItsByteAndPosition) {
  EXPECT_EQ(fault("Tenant"),
            "illegal metadata key \"Tenant\": byte 0x54 at position 0 is not one of a-z 0-9 - _ .");
  EXPECT_EQ(
      fault("ten ant"),
      "illegal metadata key \"ten ant\": byte 0x20 at position 3 is not one of a-z 0-9 - _ .");
  EXPECT_EQ(
      fault(":authority"),
      "illegal metadata key \":authority\": byte 0x3a at position 0 is not one of a-z 0-9 - _ "
      ".");
  EXPECT_THAT(fault(std::string("a\0-", 3)),
              StartsWith("illegal metadata key \"a\\x00-\": byte 0x00 at position 1 is"));
  EXPECT_THAT(fault("caf\xc3\xa9"),
              StartsWith("illegal metadata key \"caf\\xc3\\xa9\": byte 0xc3 at position 3 is"));
}

TEST(MetadataValidity, AnIllegalValueIsNamedWithItsByteAndPosition) {
  EXPECT_EQ(
      fault("key", "line\n"),
      "illegal metadata value for key \"key\": byte 0x0a at position 4 is not printable ASCII "
      "(a key that ends in \"-bin\" carries bytes)");
  EXPECT_THAT(fault("key", "\x7f"),
              StartsWith("illegal metadata value for key \"key\": byte 0x7f at position 0 is"));
  EXPECT_NE(fault("key", "\xff"), "ok");
  EXPECT_NE(fault("key", std::string(1, '\0')), "ok");
}

TEST(MetadataValidity, BinaryKeysCarryAnyBytes) {  // B365
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte.push_back(static_cast<char>(byte));
  EXPECT_EQ(fault("trace-bin", every_byte), "ok");
  EXPECT_NE(fault("trace-binary", every_byte), "ok");
  EXPECT_TRUE(is_binary_key("trace-bin"));
  EXPECT_TRUE(is_binary_key("-bin"));
  EXPECT_FALSE(is_binary_key("bin"));
}

TEST(MetadataValidity, ReservedNamesAreRefused) {
  EXPECT_EQ(fault("grpc-timeout"),
            "illegal metadata key \"grpc-timeout\": names that begin with \"grpc-\" are reserved");
  EXPECT_NE(fault("grpc-trace-bin"), "ok");
}

TEST(MetadataValidity, TheFirstOffenderIsNamed) {
  const Metadata metadata{{"fine", "1"}, {"bad", "\n"}, {"Worse", "2"}};
  EXPECT_THAT(std::string(metadata.validate().message()),
              StartsWith("illegal metadata value for key \"bad\": "));
}

}  // namespace
}  // namespace weft::test
