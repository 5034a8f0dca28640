#include "build_id.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

#include "weft/transport_sim/label.h"

namespace weft::sim::detail {
namespace {

void append_hexadecimal(std::string& text, const unsigned char* bytes, std::size_t count) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i < count; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 0xf];
  }
}

std::size_t padded(std::size_t size) {
  return (size + 3) & ~std::size_t(3);
}

// The build id among the notes of one segment.
std::string id_of_notes(const unsigned char* notes, std::size_t size) {
  std::string id;
  for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes + at, sizeof note);
    const unsigned char* const name = notes + at + sizeof note;
    const unsigned char* const content = name + padded(note.n_namesz);
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
      append_hexadecimal(id, content, note.n_descsz);
      return id;
    }
    at += sizeof note + padded(note.n_namesz) + padded(note.n_descsz);
  }
  return id;
}

std::string id_of_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::uint64_t hash = stable_hash(content);
  std::string id;
  append_hexadecimal(id, reinterpret_cast<const unsigned char*>(&hash), sizeof hash);
  return id;
}

bool contains(const dl_phdr_info& object, const void* address) {
  const auto where = reinterpret_cast<ElfW(Addr)>(address);
  for (int i = 0; i < object.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object.dlpi_phdr[i];
    const ElfW(Addr) begin = object.dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_LOAD && where >= begin && where - begin < segment.p_memsz) return true;
  }
  return false;
}

// The first object is the program.
int add_object(dl_phdr_info* object, std::size_t, void* all) {
  auto& ids = *static_cast<std::string*>(all);
  const bool is_program = ids.empty();
  if (!is_program && !contains(*object, reinterpret_cast<const void*>(&build_id))) return 0;
  std::string id;
  for (int i = 0; i < object->dlpi_phnum && id.empty(); ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    id = id_of_notes(reinterpret_cast<const unsigned char*>(object->dlpi_addr + segment.p_vaddr),
                     segment.p_memsz);
  }
  if (id.empty()) id = id_of_file(is_program ? "/proc/self/exe" : object->dlpi_name);
  if (!is_program) ids += '+';
  ids += id;
  return 0;
}

std::string find_build_id() {
  std::string ids;
  dl_iterate_phdr(&add_object, &ids);
  return ids;
}

}  // namespace

const std::string& build_id() {
  static const std::string id = find_build_id();
  return id;
}

}  // namespace weft::sim::detail
