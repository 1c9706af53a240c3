// The packages of a program that turn ciphertext into plaintext: copies of crypto/tls and of
// quic-go.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "binary/facts.h"
#include "binary/pclntab.h"
#include "binary/types.h"

namespace gotls {

// A package whose functions look like crypto/tls's or quic-go's, as the pclntab shows them.
struct TlsCandidate {
  PackageKind kind = PackageKind::kTls;
  std::string path;                     // import path
  bool by_hand = false;                 // the user named it: its types need not fit
  std::vector<Pclntab::Entry> entries;  // those that the later stages ask for; names point there
};

inline constexpr std::string_view kStandardTls = "crypto/tls";
inline constexpr std::size_t kMaxTlsPackages = 32;

// crypto/tls first, then the packages that `by_hand` names, then others by their path; at most
// kMaxTlsPackages.
std::vector<TlsCandidate> FindTlsCandidates(const Pclntab& pclntab,
                                            std::span<const std::string> by_hand);

// Packages with the streams of quic-go; at most kMaxTlsPackages.
std::vector<TlsCandidate> FindQuicCandidates(const Pclntab& pclntab);

// Whether the package's Conn has the fields of crypto/tls's. Without a descriptor of that type the
// path must do: its last part ends in "tls".
bool HasTlsConn(const Types& types, const std::vector<TypeDescriptor>& all,
                const std::string& path);

// Whether the package's receiving streams have the fields of quic-go's. Without a descriptor of
// that type the path must do: it ends in "quic-go".
bool HasQuicStreams(const Types& types, const std::vector<TypeDescriptor>& all,
                    const std::string& path);

// Types of the package that embed a *Conn, such as utls' UConn.
std::vector<ConnWrapper> FindConnWrappers(const Types& types,
                                          const std::vector<TypeDescriptor>& all,
                                          const std::string& path);

}  // namespace gotls
