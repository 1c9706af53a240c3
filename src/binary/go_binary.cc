#include "binary/go_binary.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "base/unique_fd.h"
#include "binary/build_info.h"
#include "binary/conn_types.h"
#include "binary/elf_headers.h"
#include "binary/image.h"
#include "binary/layout.h"
#include "binary/moduledata.h"
#include "binary/pclntab.h"
#include "binary/tls_packages.h"
#include "binary/types.h"

namespace gotls {
namespace {

// The largest function of crypto/tls has some 20 KiB.
constexpr std::uint64_t kMaxCode = 1 << 20;

// UPX leaves its mark behind the program headers.
bool IsPacked(int fd) {
  std::array<std::byte, 1024> head{};
  const ssize_t got = pread(fd, head.data(), head.size(), 0);
  return got > 0 && AsText(Bytes(head).first(static_cast<std::size_t>(got))).find("UPX!") !=
                        std::string_view::npos;
}

std::unexpected<Error> NotGo(int fd, const std::string& name) {
  if (!IsPacked(fd)) return Fail(ErrorKind::kTarget, "not a Go program", name);
  return Fail(ErrorKind::kTarget, "packed with UPX: the file holds no code that could be probed",
              name, "run it unpacked (upx -d)");
}

std::unexpected<Error> NoTls(const std::string& name) {
  return Fail(ErrorKind::kTarget, "no crypto/tls in this Go program", name);
}

// The functions of `candidate` that the later stages ask for, with their code.
Result<std::vector<Function>> ReadFunctions(int fd, Image& image, const Pclntab& pclntab,
                                            VirtualAddress text, const TlsCandidate& candidate,
                                            const std::string& name) {
  std::vector<Function> functions;
  for (const Pclntab::Entry& entry : candidate.entries) {
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

class GoBinaryFile : public GoBinary {
 public:
  // The types are looked up here, as they refer to the image at its final place.
  GoBinaryFile(Image image, const std::optional<ModuleData>& module, GoFacts facts)
      : image_(std::move(image)), facts_(std::move(facts)) {
    if (module) types_ = Types::Find(image_, *module);
    if (types_) all_types_ = types_->All();
  }

  // `candidates` is not empty.
  Result<void> ReadPackages(int fd, const Pclntab& pclntab, std::vector<TlsCandidate> candidates,
                            const std::string& name) {
    for (TlsCandidate& candidate : candidates) {
      if (!Fits(candidate)) continue;
      TlsPackage package;
      package.kind = candidate.kind;
      package.path = candidate.path;
      if (types_ && package.kind == PackageKind::kQuic) {
        package.offsets = ReadQuicOffsets(*types_, all_types_, package.path);
      } else if (types_) {
        package.offsets = ReadStructOffsets(*types_, all_types_, package.path);
        package.wrappers = FindConnWrappers(*types_, all_types_, package.path);
      }
      std::erase_if(candidate.entries,
                    [&](const Pclntab::Entry& entry) { return !IsWanted(package, entry.name); });
      auto functions = ReadFunctions(fd, image_, pclntab, facts_.text_start, candidate, name);
      if (!functions) return std::unexpected(functions.error());
      package.functions = std::move(*functions);
      facts_.packages.push_back(std::move(package));
    }
    if (facts_.packages.empty()) return NoTls(name);
    ReadTypeSteps();
    all_types_ = {};
    return {};
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
  [[nodiscard]] bool Fits(const TlsCandidate& candidate) const {
    if (candidate.by_hand || candidate.path == kStandardTls) return true;
    if (candidate.kind == PackageKind::kQuic) {
      return types_ ? HasQuicStreams(*types_, all_types_, candidate.path)
                    : candidate.path.ends_with("quic-go");
    }
    return types_ ? HasTlsConn(*types_, all_types_, candidate.path)
                  : candidate.path.ends_with("tls");
  }

  // Writes and handshakes of other types than Conn matter where they wrap one.
  static bool IsWanted(const TlsPackage& package, std::string_view function) {
    if (package.kind == PackageKind::kQuic) return true;
    const std::size_t begin = function.rfind("(*") + 2;
    const std::string_view type = function.substr(begin, function.rfind(')') - begin);
    return type == "Conn" || type == "Config" || type == "halfConn" ||
           std::ranges::find(package.wrappers, type, &ConnWrapper::name) != package.wrappers.end();
  }

  void ReadTypeSteps() {
    if (!types_) return;
    std::vector<std::string_view> paths;
    for (const TlsPackage& package : facts_.packages) {
      if (package.kind == PackageKind::kTls) paths.push_back(package.path);
    }
    facts_.type_steps = FindTypeSteps(*types_, all_types_, paths);
  }

  Image image_;
  GoFacts facts_;
  std::optional<Types> types_;
  std::vector<TypeDescriptor> all_types_;  // while the packages are read
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

Result<std::unique_ptr<GoBinary>> GoBinary::Open(int fd, const std::string& name,
                                                 std::span<const std::string> packages) {
  auto headers = ReadElfHeaders(fd, name);
  if (!headers) return std::unexpected(headers.error());
  if (!MayBeGo(*headers)) return NotGo(fd, name);
  auto image = Image::Load(fd, std::move(*headers), name);
  if (!image) return std::unexpected(image.error());
  const auto pclntab = Pclntab::Find(*image, name);
  if (!pclntab && IsPacked(fd)) return NotGo(fd, name);
  if (!pclntab) return std::unexpected(pclntab.error());
  const auto module = FindModuleData(*image, *pclntab);
  const auto text = FindTextStart(*image, *pclntab, module, name);
  if (!text) return std::unexpected(text.error());
  auto candidates = FindTlsCandidates(*pclntab, packages);
  std::ranges::move(FindQuicCandidates(*pclntab), std::back_inserter(candidates));
  if (candidates.empty()) return NoTls(name);

  GoFacts facts;
  ReadIdentity(fd, *image, *pclntab, facts);
  facts.text_start = *text;
  auto file = std::make_unique<GoBinaryFile>(std::move(*image), module, std::move(facts));
  auto read = file->ReadPackages(fd, *pclntab, std::move(candidates), name);
  if (!read) return std::unexpected(read.error());
  return file;
}

Result<std::unique_ptr<GoBinary>> GoBinary::OpenPath(const std::string& path,
                                                     std::span<const std::string> packages) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) {
    return Fail(ErrorKind::kTarget, std::string("cannot be opened: ") + std::strerror(errno), path);
  }
  return Open(fd.get(), path, packages);
}

}  // namespace gotls
