// For tests: a small file with what gotls looks for in a Go program, in the form of any version
// from 1.15 to 1.27.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "binary/test_elf.h"

namespace gotls {

struct GoImageOptions {
  int minor = 27;
  bool sections = true;
  bool build_info = true;
  bool position_independent = false;  // pointers are 0 in the file, and in DT_RELA
  bool crypto_tls = true;
  // "example.org/v1/utls" with a wrapper UConn, and "example.org/other/tls", whose functions are
  // the same but whose Conn has other fields.
  bool forks = false;
  // "example.org/quic-go", and "example.org/other", whose functions are the same but whose streams
  // have other fields. `exported`: their types are.
  bool quic = false;
  bool exported = false;
};

class GoImage {
 public:
  static constexpr std::uint64_t kTextSegment = 0x401000;
  static constexpr std::uint64_t kText = 0x401100;  // as when C code comes first
  static constexpr std::uint64_t kRead = kText + 0x20;
  static constexpr std::uint64_t kWrite = kText + 0x40;
  static constexpr std::uint64_t kTextEnd = kText + 0x200;

  explicit GoImage(GoImageOptions options) : options_(options) {
    WritePclntab();
    WriteTypes();
    WriteData();
  }

  [[nodiscard]] std::string Build() const {
    TestElf elf;
    if (options_.position_independent) elf.type = ET_DYN;
    std::string code(kTextEnd - kTextSegment, '\x90');
    elf.segments = {{PT_LOAD, PF_R | PF_X, kTextSegment, code},
                    {PT_LOAD, PF_R, rodata_.start(), rodata_.bytes()},
                    {PT_LOAD, PF_R | PF_W, data_.start(), data_.bytes()}};
    if (options_.position_independent) AddRelocations(elf);
    if (options_.sections) {
      elf.sections = {{".text", kTextSegment, code.size()},
                      {".gopclntab", pclntab_, rodata_.here() - pclntab_}};
      if (options_.build_info) elf.sections.push_back({".go.buildinfo", data_.start(), 32});
    }
    return elf.Build();
  }

  std::uint64_t tcp_conn_pointer = 0;
  std::uint64_t tls_conn_pointer = 0;
  std::uint64_t wrapper_pointer = 0;
  std::uint64_t value_wrapper = 0;
  std::uint64_t itab = 0;

 private:
  struct Field {
    std::string name;
    std::uint64_t type = 0;
    std::uint64_t offset = 0;
    bool embedded = false;
  };
  using Names = std::vector<std::string>;

  // A word that the loader relocates.
  void Pointer(Blob& blob, std::uint64_t value) {
    if (options_.position_independent) relocations_.emplace_back(blob.here(), value);
    blob.Put<std::uint64_t>(options_.position_independent ? 0 : value);
  }

  Names FunctionNames() const {
    const std::string package = options_.crypto_tls ? "crypto/tls" : "example.com/tls";
    Names names = {"internal/cpu.Initialize", package + ".(*Conn).Read", package + ".(*Conn).Write",
                   "main.main"};
    if (options_.quic) AddQuic(names);
    if (!options_.forks) return names;
    for (const char* fork : {"example.org/other/tls.", "example.org/v1/utls."}) {
      for (const char* type : {"(*Conn).Read", "(*Conn).Write", "(*Conn).writeRecordLocked"}) {
        names.push_back(std::string(fork) + type);
      }
    }
    names.emplace_back("example.org/v1/utls.(*UConn).Write");
    names.emplace_back("example.org/v1/utls.(*Other).Write");
    return names;
  }

  [[nodiscard]] std::string Stream(const std::string& lower, const std::string& upper) const {
    return (options_.exported ? upper : lower) + "Stream";
  }

  void AddQuic(Names& names) const {
    for (const std::string package : {"example%2eorg/quic-go", "example.org/other"}) {
      const std::string receive = package + ".(*" + Stream("receive", "Receive") + ").";
      const std::string send = package + ".(*" + Stream("send", "Send") + ").";
      for (const std::string& name :
           {receive + "Read", receive + "CancelRead", send + "Write", send + "Close"}) {
        names.push_back(name);
      }
    }
  }

  void WritePclntab() {
    const Names names = FunctionNames();
    const bool relative = options_.minor >= 18;
    const std::uint32_t magic = options_.minor <= 15   ? 0xfffffffb
                                : options_.minor <= 17 ? 0xfffffffa
                                : options_.minor <= 19 ? 0xfffffff0
                                                       : 0xfffffff1;
    pclntab_ = rodata_.here();
    rodata_.Put(magic);
    rodata_.Put<std::uint32_t>(0x08010000);
    rodata_.Put<std::uint64_t>(names.size());
    std::uint64_t header_words = 0;
    if (options_.minor >= 16) {
      rodata_.Put<std::uint64_t>(1);  // files
      if (relative) Pointer(rodata_, options_.minor >= 26 ? 0 : kText);
      header_words = rodata_.here();
      rodata_.Words({0, 0, 0, 0, 0});
    }
    std::vector<std::uint32_t> name_offsets;
    name_table_ = rodata_.here();
    if (options_.minor >= 16) name_offsets = WriteNames(names, name_table_);
    const std::uint64_t functions = rodata_.here();
    function_table_ = functions;
    const std::uint64_t base = options_.minor >= 16 ? functions : pclntab_;
    const std::uint64_t entry = relative ? 8 : 16;
    const std::uint64_t records = functions + (names.size() + 1) * entry;
    if (options_.minor <= 15) {
      // The names stand behind the records.
      std::uint64_t at = records + names.size() * 16;
      for (const std::string& name : names) {
        name_offsets.push_back(static_cast<std::uint32_t>(at - pclntab_));
        at += name.size() + 1;
      }
    }
    for (std::uint64_t i = 0; i <= names.size(); ++i) {
      PutEntry(relative, i * 0x20, records + i * 16 - base);
    }
    for (std::uint64_t i = 0; i < names.size(); ++i) {
      PutRecord(relative, i * 0x20, name_offsets[i]);
    }
    if (options_.minor <= 15) WriteNames(names, pclntab_);
    if (header_words != 0) {
      rodata_.Patch(header_words, name_table_ - pclntab_);
      rodata_.Patch(header_words + 32, functions - pclntab_);
    }
    rodata_.Align(32);
  }

  std::vector<std::uint32_t> WriteNames(const Names& names, std::uint64_t base) {
    std::vector<std::uint32_t> offsets;
    for (const std::string& name : names) {
      offsets.push_back(static_cast<std::uint32_t>(rodata_.here() - base));
      rodata_.Text(name + '\0');
    }
    rodata_.Align(8);
    return offsets;
  }

  void PutEntry(bool relative, std::uint64_t start, std::uint64_t record) {
    if (relative) {
      rodata_.Put(static_cast<std::uint32_t>(start));
      rodata_.Put(static_cast<std::uint32_t>(record));
    } else {
      Pointer(rodata_, kText + start);
      rodata_.Put(record);
    }
  }

  void PutRecord(bool relative, std::uint64_t start, std::uint32_t name) {
    if (relative) {
      rodata_.Put(static_cast<std::uint32_t>(start));
      rodata_.Put(name);
      rodata_.Put<std::uint64_t>(0);
    } else {
      Pointer(rodata_, kText + start);
      rodata_.Put(name);
      rodata_.Put<std::uint32_t>(0);
    }
  }

  // ---- types ----

  std::uint64_t Name(std::string_view text, bool embedded = false) {
    const std::uint64_t at = rodata_.here();
    rodata_.Put(static_cast<std::uint8_t>(1 | (embedded && options_.minor >= 19 ? 8 : 0)));
    if (options_.minor <= 16) rodata_.Put<std::uint8_t>(0);
    rodata_.Put(static_cast<std::uint8_t>(text.size()));
    rodata_.Text(text);
    return at;
  }

  std::uint32_t NameOffset(std::string_view text) {
    return static_cast<std::uint32_t>(Name(text) - types_);
  }

  // The part that all descriptors share; `name` is written with the extra star that most have.
  std::uint64_t Head(std::uint8_t kind, std::uint64_t size, std::uint64_t pointers,
                     std::uint8_t flags, std::uint32_t name) {
    rodata_.Align(8);
    const std::uint64_t at = rodata_.here();
    rodata_.Words({size, pointers});
    rodata_.Put<std::uint32_t>(0x12345678);
    rodata_.Put(flags);
    rodata_.Put<std::uint8_t>(8);
    rodata_.Put<std::uint8_t>(8);
    rodata_.Put(kind);
    rodata_.Words({0, 0});
    rodata_.Put(name);
    rodata_.Put<std::uint32_t>(0);
    return at;
  }

  void Uncommon(std::uint32_t path, const std::vector<std::uint32_t>& methods) {
    rodata_.Put(path);
    rodata_.Put(static_cast<std::uint16_t>(methods.size()));
    rodata_.Put(static_cast<std::uint16_t>(methods.size()));
    rodata_.Words({16});  // offset of the methods, and an unused word
    for (const std::uint32_t method : methods) {
      rodata_.Put(method);
      rodata_.Put<std::uint32_t>(0);
      rodata_.Words({0});
    }
  }

  std::vector<std::uint32_t> MethodNames(const Names& methods) {
    std::vector<std::uint32_t> offsets;
    for (const std::string& method : methods) offsets.push_back(NameOffset(method));
    return offsets;
  }

  std::uint64_t Basic(std::string_view name, std::uint8_t kind, std::uint64_t size) {
    return Head(kind, size, 0, 2, NameOffset("*" + std::string(name)));
  }

  std::uint64_t Struct(std::string_view name, std::string_view path, std::uint64_t size,
                       const std::vector<Field>& fields, const Names& methods = {}) {
    const std::uint32_t path_name = NameOffset(path);
    const std::vector<std::uint32_t> method_names = MethodNames(methods);
    std::vector<std::uint64_t> names;
    for (const Field& field : fields) names.push_back(Name(field.name, field.embedded));
    const std::uint32_t own = NameOffset("*" + std::string(name));
    rodata_.Align(8);
    const std::uint64_t table = rodata_.here();
    for (std::size_t i = 0; i < fields.size(); ++i) {
      Pointer(rodata_, names[i]);
      Pointer(rodata_, fields[i].type);
      const std::uint64_t offset = fields[i].offset;
      rodata_.Put<std::uint64_t>(options_.minor <= 18 ? offset << 1 | fields[i].embedded : offset);
    }
    // A struct of one pointer is held in an interface directly.
    const std::uint8_t direct = size == 8 ? 32 : 0;
    const std::uint64_t at = Head(
        static_cast<std::uint8_t>(25 | (options_.minor <= 25 ? direct : 0)), size, size & ~7ULL,
        static_cast<std::uint8_t>(1 | 2 | (options_.minor <= 25 ? 0 : direct)), own);
    rodata_.Words({0});
    Pointer(rodata_, table);
    rodata_.Words({fields.size(), fields.size()});
    Uncommon(path_name, method_names);
    return at;
  }

  std::uint64_t PointerTo(std::string_view name, std::uint64_t element, const Names& methods = {}) {
    const std::vector<std::uint32_t> method_names = MethodNames(methods);
    const std::uint32_t own = NameOffset(name);
    const auto flags = static_cast<std::uint8_t>(methods.empty() ? 0 : 1);
    const std::uint64_t at = Head(22, 8, 8, flags, own);
    Pointer(rodata_, element);
    if (!methods.empty()) Uncommon(0, method_names);
    return at;
  }

  std::uint64_t Interface(std::string_view name, const Names& methods) {
    const std::vector<std::uint32_t> method_names = MethodNames(methods);
    const std::uint32_t own = NameOffset("*" + std::string(name));
    rodata_.Align(8);
    const std::uint64_t table = rodata_.here();
    for (const std::uint32_t method : method_names) {
      rodata_.Put(method);
      rodata_.Put<std::uint32_t>(0);
    }
    const std::uint64_t at = Head(20, 16, 16, 2, own);
    rodata_.Words({0});
    Pointer(rodata_, table);
    rodata_.Words({methods.size(), methods.size()});
    return at;
  }

  void WriteTypes() {
    const Names conn = {"Close",           "LocalAddr",        "Read", "RemoteAddr", "SetDeadline",
                        "SetReadDeadline", "SetWriteDeadline", "Write"};
    types_ = rodata_.here();
    rodata_.Words({0});
    const std::uint64_t integer = Basic("int", 2, 8);
    const std::uint64_t net_conn = Interface("net.Conn", conn);

    const std::uint64_t stack =
        Struct("runtime.stack", "runtime", 16, {{"lo", integer, 0}, {"hi", integer, 8}});
    Struct("runtime.g", "runtime", 400,
           {{"stack", stack, 0}, {"m", integer, 48}, {"goid", integer, 152}, {"x", integer, 392}});

    const std::uint64_t poll_fd =
        Struct("poll.FD", "internal/poll", 56, {{"fdmu", integer, 0}, {"Sysfd", integer, 16}});
    const std::uint64_t net_fd =
        Struct("net.netFD", "net", 128,
               {{"pfd", poll_fd, 0}, {"laddr", integer, 96}, {"raddr", integer, 112}});
    const std::uint64_t fd_pointer = PointerTo("*net.netFD", net_fd);
    const std::uint64_t plain = Struct("net.conn", "net", 8, {{"fd", fd_pointer, 0}});
    const std::uint64_t tcp = Struct("net.TCPConn", "net", 8, {{"conn", plain, 0, true}});
    tcp_conn_pointer = PointerTo("*net.TCPConn", tcp, conn);

    // A fork with the same short name, first in the table, whose offsets are wrong.
    const std::uint64_t fork =
        Struct("tls.Conn", "example.com/tls", 100,
               {{"x", integer, 0}, {"conn", net_conn, 32}, {"vers", integer, 96}}, conn);
    PointerTo("*tls.Conn", fork, conn);
    const std::uint64_t tls = Struct("tls.Conn", "crypto/tls", 896,
                                     {{"conn", net_conn, 0},
                                      {"isClient", integer, 16},
                                      {"vers", integer, 72},
                                      {"input", integer, 736},
                                      {"tmp", integer, 880}});
    tls_conn_pointer = PointerTo("*tls.Conn", tls, conn);

    const std::uint64_t wrapper =
        Struct("main.wrapper", "main", 48,
               {{"other", net_conn, 0}, {"n", integer, 16}, {"Conn", net_conn, 32, true}}, conn);
    wrapper_pointer = PointerTo("*main.wrapper", wrapper, conn);
    value_wrapper =
        Struct("main.direct", "main", 8, {{"TCPConn", tcp_conn_pointer, 0, true}}, conn);
    if (options_.forks) WriteForks(net_conn, integer, conn);
    if (options_.quic) WriteQuic(integer);
    WriteLoop(conn);
    types_end_ = rodata_.here();
  }

  void WriteQuic(std::uint64_t integer) {
    const std::string receive = "quic." + Stream("receive", "Receive");
    Struct(receive, "example.org/other", 100, {{"streamID", integer, 16}});
    Struct(receive, "example.org/quic-go", 200,
           {{"streamID", integer, 8},
            {"sender", integer, 16},
            {"readPosInFrame", integer, 40},
            {options_.exported ? "errorRead" : "finRead", integer, 96},
            {"flowController", integer, 104}});
    Struct("quic." + Stream("send", "Send"), "example.org/quic-go", 200,
           {{"streamID", integer, 72}, {"sender", integer, 80}});
  }

  void WriteForks(std::uint64_t net_conn, std::uint64_t integer, const Names& methods) {
    Struct("tls.Conn", "example.org/other/tls", 100, {{"conn", integer, 0}, {"in", integer, 8}});
    const std::uint64_t own = Struct("tls.Conn", "example.org/v1/utls", 900,
                                     {{"isClient", integer, 0},
                                      {"conn", net_conn, 8},
                                      {"in", integer, 24},
                                      {"out", integer, 32},
                                      {"input", integer, 40}});
    const std::uint64_t pointer = PointerTo("*tls.Conn", own, methods);
    Struct("tls.UConn", "example.org/v1/utls", 64,
           {{"id", integer, 0}, {"Conn", pointer, 24, true}});
  }

  // Two structs that hold pointers to each other: there is no way on from them.
  void WriteLoop(const Names& conn) {
    const std::uint64_t first = PointerTo("*main.loopA", 0, conn);
    const std::uint64_t second_struct =
        Struct("main.loopB", "main", 8, {{"loopA", first, 0, true}}, conn);
    const std::uint64_t second = PointerTo("*main.loopB", second_struct, conn);
    const std::uint64_t first_struct =
        Struct("main.loopA", "main", 8, {{"loopB", second, 0, true}}, conn);
    if (options_.position_independent) {
      relocations_.emplace_back(first + 48, first_struct);
    } else {
      rodata_.Patch(first + 48, first_struct);
    }
  }

  // ---- writable data ----

  void WriteData() {
    const std::string version = "go1." + std::to_string(options_.minor) + ".3";
    const std::uint64_t version_text = rodata_.here();
    rodata_.Text(version);
    const std::string module = "0123456789abcdefpath\texample.com/cmd/thing\nmod\tx\t(devel)\n";
    const std::uint64_t module_text = rodata_.here();
    rodata_.Text(module);
    rodata_.Align(8);
    if (options_.build_info) WriteBuildInfo(version, module);
    data_.Align(16);
    data_.Fill(24);
    version_variable_ = data_.here();
    Pointer(data_, version_text);
    data_.Put<std::uint64_t>(version.size());
    module_variable_ = data_.here();
    Pointer(data_, module_text);
    data_.Put<std::uint64_t>(module.size());
    if (options_.build_info && options_.minor < 18) PatchBuildInfo();
    WriteModuleData();
    itab = data_.here();
    Pointer(data_, types_ + 8);
    Pointer(data_, tcp_conn_pointer);
    data_.Fill(64);
  }

  void WriteBuildInfo(const std::string& version, const std::string& module) {
    data_.Text("\xff Go buildinf:");
    data_.Put<std::uint8_t>(8);
    data_.Put<std::uint8_t>(options_.minor >= 18 ? 2 : 0);
    data_.Words({0, 0});
    if (options_.minor < 18) return;
    for (const std::string& text : {version, module}) {
      data_.Put(static_cast<std::uint8_t>(text.size()));
      data_.Text(text);
    }
  }

  // The pointer form: to the string variables.
  void PatchBuildInfo() {
    const std::array<std::uint64_t, 2> values = {version_variable_, module_variable_};
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::uint64_t at = data_.start() + 16 + i * 8;
      if (options_.position_independent) {
        relocations_.emplace_back(at, values[i]);
      } else {
        data_.Patch(at, values[i]);
      }
    }
  }

  void Slice(std::uint64_t pointer, std::uint64_t count) {
    Pointer(data_, pointer);
    data_.Words({count, count});
  }

  void WriteModuleData() {
    const std::uint64_t functions = FunctionNames().size();
    if (options_.minor <= 15) {
      Slice(pclntab_, 1000);
      Slice(function_table_, functions + 1);
      Slice(pclntab_ + 8, 1);
    } else {
      Pointer(data_, pclntab_);
      Slice(name_table_, 100);
      for (int i = 0; i < 4; ++i) Slice(pclntab_ + 16, 1);
      Slice(function_table_, functions + 1);
    }
    Pointer(data_, rodata_.start());  // findfunctab
    const std::uint64_t end = kText + functions * 0x20;
    for (const std::uint64_t word : {kText, end, kText, end}) Pointer(data_, word);
    for (int i = 0; i < 10; ++i) Pointer(data_, data_.start() + static_cast<unsigned>(i) * 8);
    Pointer(data_, types_);
    if (options_.minor >= 27) data_.Put<std::uint64_t>(types_end_ - types_);
    Pointer(data_, types_end_);
    Pointer(data_, rodata_.start());
  }

  void AddRelocations(TestElf& elf) const {
    Blob tables(0x700000);
    for (const auto& [address, value] : relocations_) {
      tables.Words({address, R_X86_64_RELATIVE, value});
    }
    const std::uint64_t dynamic = tables.here();
    tables.Words({DT_RELA, tables.start(), DT_RELASZ, dynamic - tables.start(), DT_NULL, 0});
    elf.segments.push_back({PT_LOAD, PF_R | PF_W, tables.start(), tables.bytes()});
    elf.segments.push_back(
        {PT_DYNAMIC, PF_R | PF_W, dynamic, tables.bytes().substr(dynamic - tables.start())});
  }

  GoImageOptions options_;
  Blob rodata_{0x500000};
  Blob data_{0x600000};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> relocations_;
  std::uint64_t pclntab_ = 0;
  std::uint64_t name_table_ = 0;
  std::uint64_t function_table_ = 0;
  std::uint64_t types_ = 0;
  std::uint64_t types_end_ = 0;
  std::uint64_t version_variable_ = 0;
  std::uint64_t module_variable_ = 0;
};

}  // namespace gotls
