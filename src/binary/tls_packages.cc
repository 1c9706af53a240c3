#include "binary/tls_packages.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <tuple>

#include "binary/layout.h"

namespace gotls {
namespace {

constexpr std::array<std::string_view, 9> kFunctions = {
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
// Of quic-go's streams, with the types' names as they were before they were exported.
constexpr std::array<std::string_view, 7> kQuicFunctions = {
    "(*receiveStream).Read",
    "(*receiveStream).CancelRead",
    "(*receiveStream).closeForShutdown",
    "(*sendStream).Write",
    "(*sendStream).Close",
    "(*sendStream).CancelWrite",
    "(*sendStream).closeForShutdown",
};
// Of types that wrap a Conn.
constexpr std::array<std::string_view, 2> kWrapperFunctions = {").Write", ").clientHandshake"};
// What only hostile files come near.
constexpr std::size_t kMaxPaths = 4096;
constexpr std::size_t kMaxWrapperFunctions = 1024;
constexpr std::size_t kMaxWrappers = 16;

// Where the package's path ends in the full name of a method: the last ".(*".
std::size_t PathEnd(std::string_view name) { return name.rfind(".(*"); }

bool IsWrapperFunction(std::string_view method) {
  return std::ranges::any_of(kWrapperFunctions,
                             [&](std::string_view suffix) { return method.ends_with(suffix); });
}

// The linker writes some bytes of the last part of a path as %xx, a dot for example.
std::string Unescape(std::string_view path) {
  std::string result;
  for (std::size_t i = 0; i < path.size(); ++i) {
    unsigned byte = 0;
    if (path[i] == '%' && i + 2 < path.size() &&
        std::from_chars(&path[i + 1], &path[i + 3], byte, 16).ptr == &path[i + 3]) {
      result.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      result.push_back(path[i]);
    }
  }
  return result;
}

bool Has(const TlsCandidate& candidate, std::string_view method) {
  return std::ranges::any_of(candidate.entries, [&](const Pclntab::Entry& entry) {
    return entry.name.substr(PathEnd(entry.name) + 1) == method;
  });
}

bool LooksLikeTls(const TlsCandidate& candidate) {
  const bool read = Has(candidate, "(*Conn).Read"), write = Has(candidate, "(*Conn).Write");
  if (candidate.by_hand || candidate.path == kStandardTls) return read || write;
  return read && write &&
         (Has(candidate, "(*Conn).writeRecordLocked") || Has(candidate, "(*Conn).readRecordOrCCS"));
}

// "(*ReceiveStream).Read" is as good as "(*receiveStream).Read".
bool IsQuicFunction(std::string_view method) {
  return method.size() > 3 && std::ranges::any_of(kQuicFunctions, [&](std::string_view wanted) {
           return method.substr(3) == wanted.substr(3) &&
                  (method[2] == wanted[2] || method[2] == wanted[2] - 'a' + 'A');
         });
}

bool LooksLikeQuic(const TlsCandidate& candidate) {
  return (Has(candidate, "(*receiveStream).Read") && Has(candidate, "(*sendStream).Write")) ||
         (Has(candidate, "(*ReceiveStream).Read") && Has(candidate, "(*SendStream).Write"));
}

bool Add(TlsCandidate& candidate, const Pclntab::Entry& entry) {
  const auto same = std::ranges::find(candidate.entries, entry.name, &Pclntab::Entry::name);
  if (same != candidate.entries.end()) return false;
  candidate.entries.push_back(entry);
  return true;
}

// Every package with a type Conn that has one of the methods, by its path as the linker writes it.
std::map<std::string_view, TlsCandidate> CollectConns(const Pclntab& pclntab) {
  std::map<std::string_view, TlsCandidate> found;
  pclntab.ForEach("", [&](const Pclntab::Entry& entry) {
    const std::size_t end = PathEnd(entry.name);
    if (end == std::string_view::npos) return;
    const std::string_view method = entry.name.substr(end + 1);
    if (std::ranges::find(kFunctions, method) == kFunctions.end()) return;
    const std::string_view path = entry.name.substr(0, end);
    if (found.size() >= kMaxPaths && path != kStandardTls && !found.contains(path)) return;
    Add(found[path], entry);
  });
  return found;
}

void AddWrapperFunctions(const Pclntab& pclntab, std::vector<TlsCandidate>& candidates) {
  std::size_t added = 0;
  pclntab.ForEach("", [&](const Pclntab::Entry& entry) {
    const std::size_t end = PathEnd(entry.name);
    if (end == std::string_view::npos || !IsWrapperFunction(entry.name.substr(end + 1))) return;
    const std::string path = Unescape(entry.name.substr(0, end));
    const auto candidate = std::ranges::find(candidates, path, &TlsCandidate::path);
    if (candidate == candidates.end() || added == kMaxWrapperFunctions) return;
    if (Add(*candidate, entry)) ++added;
  });
}

}  // namespace

std::vector<TlsCandidate> FindTlsCandidates(const Pclntab& pclntab,
                                            std::span<const std::string> by_hand) {
  std::vector<TlsCandidate> result;
  for (auto& [path, candidate] : CollectConns(pclntab)) {
    candidate.path = Unescape(path);
    candidate.by_hand = std::ranges::find(by_hand, candidate.path) != by_hand.end();
    if (LooksLikeTls(candidate)) result.push_back(std::move(candidate));
  }
  std::ranges::stable_sort(result, {}, [](const TlsCandidate& candidate) {
    return std::tuple(candidate.path != kStandardTls, !candidate.by_hand);
  });
  if (result.size() > kMaxTlsPackages) result.resize(kMaxTlsPackages);
  if (!result.empty()) AddWrapperFunctions(pclntab, result);
  return result;
}

std::vector<TlsCandidate> FindQuicCandidates(const Pclntab& pclntab) {
  std::map<std::string_view, TlsCandidate> found;
  pclntab.ForEach("", [&](const Pclntab::Entry& entry) {
    const std::size_t end = PathEnd(entry.name);
    if (end == std::string_view::npos || !IsQuicFunction(entry.name.substr(end + 1))) return;
    const std::string_view path = entry.name.substr(0, end);
    if (found.size() < kMaxTlsPackages || found.contains(path)) Add(found[path], entry);
  });
  std::vector<TlsCandidate> result;
  for (auto& [path, candidate] : found) {
    candidate.kind = PackageKind::kQuic;
    candidate.path = Unescape(path);
    if (LooksLikeQuic(candidate)) result.push_back(std::move(candidate));
  }
  return result;
}

bool HasTlsConn(const Types& types, const std::vector<TypeDescriptor>& all,
                const std::string& path) {
  const TypeDescriptor* conn = FindStruct(types, all, "Conn", path);
  if (conn == nullptr) return path.ends_with("tls");
  const std::vector<TypeField> fields = types.Fields(*conn);
  for (const std::string_view name : {"conn", "isClient", "in", "out"}) {
    const auto field = std::ranges::find(fields, name, &TypeField::name);
    if (field == fields.end()) return false;
    if (name != "conn") continue;
    const auto type = types.At(field->type);
    if (!type || type->kind != TypeKind::kInterface) return false;
  }
  return true;
}

bool HasQuicStreams(const Types& types, const std::vector<TypeDescriptor>& all,
                    const std::string& path) {
  const TypeDescriptor* stream = FindQuicStream(types, all, "receiveStream", path);
  if (stream == nullptr) return path.ends_with("quic-go");
  const std::vector<TypeField> fields = types.Fields(*stream);
  return std::ranges::all_of(
      std::array<std::string_view, 4>{"streamID", "sender", "readPosInFrame", "flowController"},
      [&](std::string_view name) {
        return std::ranges::find(fields, name, &TypeField::name) != fields.end();
      });
}

std::vector<ConnWrapper> FindConnWrappers(const Types& types,
                                          const std::vector<TypeDescriptor>& all,
                                          const std::string& path) {
  std::vector<ConnWrapper> wrappers;
  const TypeDescriptor* conn = FindStruct(types, all, "Conn", path);
  if (conn == nullptr) return wrappers;
  for (const TypeDescriptor& type : all) {
    if (type.kind != TypeKind::kStruct || types.PackagePath(type) != path) continue;
    for (const TypeField& field : types.Fields(type)) {
      if (!field.embedded || field.name != "Conn" || field.offset >= 1 << 20) continue;
      const auto pointer = types.At(field.type);
      if (!pointer || types.Element(*pointer) != conn->address) continue;
      const std::string_view name = types.Name(type);
      wrappers.push_back(
          {std::string(name.substr(name.find('.') + 1)), static_cast<std::uint32_t>(field.offset)});
      if (wrappers.size() == kMaxWrappers) return wrappers;
    }
  }
  return wrappers;
}

}  // namespace gotls
