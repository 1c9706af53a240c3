#include "binary/go_binary.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"
#include "binary/build_info.h"
#include "binary/conn_types.h"
#include "binary/elf_headers.h"
#include "binary/image.h"
#include "binary/layout.h"
#include "binary/moduledata.h"
#include "binary/pclntab.h"
#include "binary/types.h"

namespace gotls {
namespace {

constexpr std::string_view kTlsPackage = "crypto/tls";
// The largest function of crypto/tls has some 20 KiB.
constexpr std::uint64_t kMaxCode = 1 << 20;

constexpr std::array<std::string_view, 9> kTlsFunctions = {
    "(*Conn).Read",
    "(*Conn).Write",
    "(*Conn).Close",
    "(*Conn).writeRecordLocked",
    "(*Conn).readRecordOrCCS",
    "(*Conn).clientHandshake",
    "(*Conn).serverHandshake",
    "(*Config).writeKeyLog",
    "(*halfConn).setErrorLocked",
};

class GoBinaryFile : public GoBinary {
 public:
  // The types are looked up here, as they refer to the image at its final place.
  GoBinaryFile(Image image, const std::optional<ModuleData>& module, GoFacts facts)
      : image_(std::move(image)), facts_(std::move(facts)) {
    if (module) types_ = Types::Find(image_, *module);
    if (!types_) return;
    const std::vector<TypeDescriptor> all = types_->All();
    for (TlsPackage& package : facts_.packages) {
      package.offsets = ReadStructOffsets(*types_, all, package.path);
    }
    facts_.type_steps = FindTypeSteps(*types_, all);
  }

  const GoFacts& facts() const override { return facts_; }

  std::optional<std::string> TypeName(VirtualAddress address) const override {
    if (!types_) return std::nullopt;
    const auto type = types_->At(address);
    return type ? std::optional<std::string>(types_->Name(*type)) : std::nullopt;
  }

  std::optional<std::string> ItabTypeName(VirtualAddress itab) const override {
    const auto type = image_.Pointer(itab + 8);
    return type ? TypeName(*type) : std::nullopt;
  }

 private:
  Image image_;
  GoFacts facts_;
  std::optional<Types> types_;
};

// Versions whose linker writes such a pclntab.
std::pair<std::uint32_t, std::uint32_t> VersionRange(const Pclntab& pclntab) {
  constexpr std::uint32_t kAny = 999;
  switch (pclntab.magic()) {
    case 0xfffffffb:
      return {2, 15};
    case 0xfffffffa:
      return {16, 17};
    case 0xfffffff0:
      return {18, 19};
    case 0xfffffff1:
      return pclntab.header_text_start().value == 0 ? std::pair{26U, kAny} : std::pair{20U, 25U};
    default:
      return {26, kAny};
  }
}

// A static PIE has no interpreter either, but says that it is a PIE.
bool IsSharedLibrary(const Image& image) {
  const ElfHeaders& headers = image.headers();
  if (headers.executable_type || headers.has_interpreter) return false;
  for (const Elf64_Phdr& segment : headers.segments) {
    if (segment.p_type != PT_DYNAMIC) continue;
    const Bytes dynamic = image.At({segment.p_vaddr}, segment.p_filesz).value_or(Bytes{});
    for (std::uint64_t at = 0; const auto entry = ReadAt<Elf64_Dyn>(dynamic, at);
         at += sizeof(Elf64_Dyn)) {
      if (entry->d_tag == DT_NULL) break;
      if (entry->d_tag == DT_FLAGS_1 && (entry->d_un.d_val & DF_1_PIE) != 0) return false;
    }
  }
  return true;
}

// The functions of `package` that the later stages ask for, with their code.
Result<std::vector<Function>> ReadFunctions(int fd, Image& image, const Pclntab& pclntab,
                                            VirtualAddress text, std::string_view package,
                                            const std::string& name) {
  std::vector<Pclntab::Entry> entries;
  const std::string prefix = std::string(package) + ".";
  pclntab.ForEach(prefix, [&](const Pclntab::Entry& entry) {
    const std::string_view short_name = entry.name.substr(prefix.size());
    if (std::ranges::find(kTlsFunctions, short_name) == kTlsFunctions.end()) return;
    if (std::ranges::find(entries, entry.name, &Pclntab::Entry::name) != entries.end()) return;
    entries.push_back(entry);
  });
  std::vector<Function> functions;
  for (const Pclntab::Entry& entry : entries) {
    const VirtualAddress address =
        pclntab.entries_are_relative() ? text + entry.start : VirtualAddress{entry.start};
    const std::uint64_t size = entry.end - entry.start;
    const auto offset = image.OffsetOf(address);
    const auto code = entry.end > entry.start && size <= kMaxCode && image.IsCode(address)
                          ? image.ReadCode(fd, address, size)
                          : std::nullopt;
    if (!offset || !code) {
      return Corrupt("pclntab", image.OffsetOf(pclntab.address()).value_or(FileOffset{}).value,
                     name);
    }
    functions.push_back(
        {.name = std::string(entry.name), .address = address, .offset = *offset, .code = *code});
  }
  return functions;
}

Result<TlsPackage> ReadTlsPackage(int fd, Image& image, const Pclntab& pclntab, VirtualAddress text,
                                  const std::string& name) {
  TlsPackage package;
  package.path = kTlsPackage;
  auto functions = ReadFunctions(fd, image, pclntab, text, package.path, name);
  if (!functions) return std::unexpected(functions.error());
  package.functions = std::move(*functions);
  if (package.Find("(*Conn).Read") == nullptr && package.Find("(*Conn).Write") == nullptr) {
    return Fail(ErrorKind::kTarget, "no crypto/tls in this Go program", name);
  }
  return package;
}

void ReadIdentity(int fd, const Image& image, const Pclntab& pclntab, GoFacts& facts) {
  const ElfHeaders& headers = image.headers();
  facts.arch = headers.arch;
  facts.position_independent = !headers.executable_type;
  facts.shared_library = IsSharedLibrary(image);
  facts.stripped = !headers.has_symtab;
  facts.has_sections = !headers.sections.empty();
  facts.pclntab = pclntab.description();
  facts.function_count = pclntab.function_count();
  const auto [minimum, maximum] = VersionRange(pclntab);
  BuildInfo info = ReadBuildInfo(image, minimum, maximum);
  facts.go_version = std::move(info.go_version);
  facts.version_source = std::move(info.version_source);
  facts.main_package = std::move(info.main_package);
  facts.go_minor = MinorVersion(facts.go_version);
  facts.build_id = ReadBuildId(fd, headers);
}

// runtime.text, from moduledata; Go 1.18 to 1.25 have a copy in the pclntab.
Result<VirtualAddress> FindTextStart(const Image& image, const Pclntab& pclntab,
                                     const std::optional<ModuleData>& module,
                                     const std::string& name) {
  if (module) return module->text;
  if (!pclntab.entries_are_relative()) return VirtualAddress{pclntab.first_start()};
  const VirtualAddress text = pclntab.header_text_start();
  if (text.value != 0 && image.IsCode(text)) return text;
  return Fail(ErrorKind::kTarget, "no moduledata for the pclntab, so functions can't be placed",
              name);
}

}  // namespace

Result<std::unique_ptr<GoBinary>> GoBinary::Open(int fd, const std::string& name) {
  auto headers = ReadElfHeaders(fd, name);
  if (!headers) return std::unexpected(headers.error());
  if (!MayBeGo(*headers)) return Fail(ErrorKind::kTarget, "not a Go program", name);
  auto image = Image::Load(fd, std::move(*headers), name);
  if (!image) return std::unexpected(image.error());
  const auto pclntab = Pclntab::Find(*image, name);
  if (!pclntab) return std::unexpected(pclntab.error());
  const auto module = FindModuleData(*image, *pclntab);
  const auto text = FindTextStart(*image, *pclntab, module, name);
  if (!text) return std::unexpected(text.error());
  auto package = ReadTlsPackage(fd, *image, *pclntab, *text, name);
  if (!package) return std::unexpected(package.error());

  GoFacts facts;
  ReadIdentity(fd, *image, *pclntab, facts);
  facts.text_start = *text;
  facts.packages.push_back(std::move(*package));
  return std::make_unique<GoBinaryFile>(std::move(*image), module, std::move(facts));
}

Result<std::unique_ptr<GoBinary>> GoBinary::OpenPath(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) {
    return Fail(ErrorKind::kTarget, std::string("cannot be opened: ") + std::strerror(errno), path);
  }
  return Open(fd.get(), path);
}

}  // namespace gotls
