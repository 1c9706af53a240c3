#include "gotls/inspect.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "binary/go_binary.h"
#include "plan/plan.h"
#include "plan/planner.h"
#include "probe/proc.h"

namespace gotls {
namespace {

using Json = nlohmann::ordered_json;

const char* Name(PlanKind kind) { return kind == PlanKind::kLean ? "lean" : "classic"; }
const char* Name(SiteCost cost) {
  return cost == SiteCost::kEmulated ? "emulated" : "single-stepped";
}
const char* Name(Arch arch) { return arch == Arch::kAmd64 ? "amd64" : "arm64"; }
const char* Name(Abi abi) { return abi == Abi::kRegister ? "register" : "stack"; }

const char* Name(SiteKind kind) {
  switch (kind) {
    case SiteKind::kData:
      return "data";
    case SiteKind::kEntry:
      return "entry";
    case SiteKind::kReturn:
      return "return";
    case SiteKind::kHandshake:
      return "handshake";
    case SiteKind::kClose:
      return "close";
    case SiteKind::kNotSent:
      return "not-sent";
    case SiteKind::kSecret:
      return "secret";
  }
  return "?";
}

// What passes through the package: the values of the field "captures".
const char* Captures(PackageKind kind) {
  return kind == PackageKind::kQuic ? "quic-streams" : "tls";
}

Json ToJson(const Site& site, Arch arch) {
  Json json;
  json["kind"] = Name(site.kind);
  json["function"] = site.function;
  json["offset"] = site.function_offset;
  json["address"] = fmt::format("{:#x}", site.address.value);
  json["file_offset"] = site.file_offset.value;
  json["instruction"] = site.instruction;
  json["cost"] = Name(site.cost);
  for (const auto& [name, place] : {std::pair("conn", site.conn),
                                    {"data", site.data},
                                    {"data_fallback", site.data_fallback},
                                    {"length", site.length}}) {
    if (place.kind != PlaceKind::kNone) json[name] = ToString(place, arch);
  }
  return json;
}

Json ToJson(const std::vector<Site>& sites, Arch arch) {
  Json json = Json::array();
  for (const Site& site : sites) json.push_back(ToJson(site, arch));
  return json;
}

Json ToJson(const DirectionPlan& plan, Arch arch) {
  return Json{
      {"kind", Name(plan.kind)}, {"sites", ToJson(plan.sites, arch)}, {"reason", plan.reason}};
}

Json ToJson(const SecretsPlan& plan, Arch arch) {
  Json sites = Json::array();
  if (plan.site) {
    Json site = ToJson(*plan.site, arch);
    for (const auto& [name, place] : {std::pair("label", plan.label),
                                      {"client_random", plan.client_random},
                                      {"secret", plan.secret}}) {
      site[name] = ToString(place.data, arch);
      site[fmt::format("{}_length", name)] = ToString(place.length, arch);
    }
    sites.push_back(std::move(site));
  }
  return Json{{"sites", std::move(sites)}, {"reason", plan.reason}};
}

Json ToJson(const ProbePlan& plan, PackageKind kind) {
  return Json{{"package", plan.package},
              {"captures", Captures(kind)},
              {"abi", Name(plan.abi)},
              {"read", ToJson(plan.read, plan.arch)},
              {"write", ToJson(plan.write, plan.arch)},
              {"lifecycle", Json{{"sites", ToJson(plan.lifecycle, plan.arch)},
                                 {"reason", plan.lifecycle_reason}}},
              {"secrets", ToJson(plan.secrets, plan.arch)}};
}

Json ToJson(const GoFacts& facts, const std::string& name) {
  return Json{{"file", name},
              {"go_version", facts.go_version},
              {"version_source", facts.version_source},
              {"arch", Name(facts.arch)},
              {"main_package", facts.main_package},
              {"build_id", facts.build_id},
              {"position_independent", facts.position_independent},
              {"shared_library", facts.shared_library},
              {"stripped", facts.stripped},
              {"section_headers", facts.has_sections},
              {"functions", facts.function_count},
              {"pclntab", facts.pclntab},
              {"text_start", fmt::format("{:#x}", facts.text_start.value)}};
}

std::string FactsText(const GoFacts& facts, const std::string& name) {
  std::string form = facts.shared_library         ? "shared library"
                     : facts.position_independent ? "PIE"
                                                  : "executable";
  if (facts.stripped) form += ", stripped";
  if (!facts.has_sections) form += ", no section headers";
  const std::string version = facts.go_version.empty() ? "unknown" : facts.go_version;
  std::string text = fmt::format("{}\n", name);
  text += fmt::format(
      "  Go version    {}{}\n", version,
      facts.version_source.empty() ? "" : fmt::format(" (from {})", facts.version_source));
  text += fmt::format("  form          {} {}, {} functions\n", Name(facts.arch), form,
                      facts.function_count);
  if (!facts.main_package.empty()) text += fmt::format("  main package  {}\n", facts.main_package);
  if (!facts.build_id.empty()) text += fmt::format("  build id      {}\n", facts.build_id);
  text += fmt::format("  pclntab       {}\n", facts.pclntab);
  return text;
}

std::string SiteText(const Site& site, Arch arch) {
  std::string text = fmt::format("    {:<9} {}+{:#x}  {}  ({})\n", Name(site.kind), site.function,
                                 site.function_offset, site.instruction, Name(site.cost));
  std::string places;
  for (const auto& [name, place] : {std::pair("conn", site.conn),
                                    {"data", site.data},
                                    {"else data", site.data_fallback},
                                    {"length", site.length}}) {
    if (place.kind != PlaceKind::kNone)
      places += fmt::format("{}{} {}", places.empty() ? "" : ", ", name, ToString(place, arch));
  }
  return text + (places.empty() ? "" : fmt::format("              {}\n", places));
}

std::string SecretsText(const SecretsPlan& plan, Arch arch) {
  std::string text = fmt::format("  secrets       {}\n", plan.site ? "for key logs" : "none");
  if (plan.site) {
    text += SiteText(*plan.site, arch);
    text += fmt::format("              label {}, client random {}, secret {}\n",
                        ToString(plan.label.data, arch), ToString(plan.client_random.data, arch),
                        ToString(plan.secret.data, arch));
  }
  return text + fmt::format("    why       {}\n", plan.reason);
}

std::string PlanText(const ProbePlan& plan, PackageKind kind) {
  std::string text =
      fmt::format("  package       {} ({}{} ABI)\n", plan.package,
                  kind == PackageKind::kQuic ? "streams of QUIC, " : "", Name(plan.abi));
  for (const DirectionPlan* direction : {&plan.read, &plan.write}) {
    text += fmt::format("  {:<13} {}\n", direction == &plan.read ? "read" : "write",
                        Name(direction->kind));
    for (const Site& site : direction->sites) text += SiteText(site, plan.arch);
    text += fmt::format("    why       {}\n", direction->reason);
  }
  text += "  lifecycle\n";
  for (const Site& site : plan.lifecycle) text += SiteText(site, plan.arch);
  if (!plan.lifecycle_reason.empty())
    text += fmt::format("    why       {}\n", plan.lifecycle_reason);
  return kind == PackageKind::kQuic ? text : text + SecretsText(plan.secrets, plan.arch);
}

// The plans of all copies of crypto/tls and of quic-go. The first of them stands at the top of the
// JSON too.
void InspectPackages(const GoFacts& facts, PlanChoice choice, const std::string& name, Json& json,
                     Inspection& result) {
  Json packages = Json::array();
  for (const TlsPackage& package : facts.packages) {
    auto plan = MakePlan(facts, package, choice);
    if (!plan) {
      result.error = plan.error();
      if (result.error.where.empty()) result.error.where = name;
      packages.push_back(Json{{"package", package.path},
                              {"captures", Captures(package.kind)},
                              {"error", result.error.Message()}});
      result.text += fmt::format("  package       {}\n  no plan       {}\n", package.path,
                                 result.error.Message());
      continue;
    }
    result.text += PlanText(*plan, package.kind);
    Json one = ToJson(*plan, package.kind);
    if (!result.planned) json.update(one);
    result.planned = true;
    packages.push_back(std::move(one));
  }
  if (!result.planned) json["error"] = result.error.Message();
  if (packages.size() > 1) json["packages"] = std::move(packages);
}

// Packages that were asked for and aren't there.
void InspectMissing(const GoFacts& facts, const InspectOptions& options, Json& json,
                    Inspection& result) {
  for (const std::string& path : options.packages) {
    if (std::ranges::find(facts.packages, path, &TlsPackage::path) != facts.packages.end())
      continue;
    result.text += fmt::format("  package       {}: not in this program\n", path);
    json["missing_packages"].push_back(path);
  }
}

Result<Inspection> InspectOpen(int fd, const std::string& name, const InspectOptions& options) {
  auto binary = GoBinary::Open(fd, name, options.packages);
  if (!binary) return std::unexpected(binary.error());
  const GoFacts& facts = (*binary)->facts();
  Inspection result;
  Json json = ToJson(facts, name);
  result.text = FactsText(facts, name);
  InspectPackages(facts, options.plan, name, json, result);
  InspectMissing(facts, options, json, result);
  result.json = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return result;
}

}  // namespace

Result<Inspection> InspectFile(const std::string& path, const InspectOptions& options) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid())
    return Fail(ErrorKind::kTarget, fmt::format("can't be opened: {}", std::strerror(errno)), path);
  return InspectOpen(fd.get(), path, options);
}

Result<std::vector<Inspection>> InspectProcess(std::uint32_t pid, const InspectOptions& options) {
  const std::string where = fmt::format("pid {}", pid);
  if (!proc::Exists(pid)) return std::unexpected(proc::NoSuchProcess(pid));
  const UniqueFd pinned = proc::PinExe(pid);
  const UniqueFd fd = proc::Reopen(pinned);
  if (!fd.valid()) {
    return Fail(
        ErrorKind::kTarget, fmt::format("its program can't be opened: {}", std::strerror(errno)),
        where,
        "another user's processes need root or CAP_SYS_PTRACE; kernel threads have no program");
  }
  const std::string exe = proc::PathOf(pinned);
  std::vector<Inspection> found;
  auto program = InspectOpen(fd.get(), exe, options);
  if (program) found.push_back(std::move(*program));
  for (const proc::MappedFile& file : proc::ExecutableFiles(pid)) {
    if (file.path == exe) continue;
    const UniqueFd library = proc::OpenMapped(pid, file);
    if (!library.valid()) continue;
    if (auto one = InspectOpen(library.get(), file.path, options)) found.push_back(std::move(*one));
  }
  if (found.empty()) {
    Error error = program.error();
    error.where = fmt::format("{} ({})", where, error.where);
    return std::unexpected(std::move(error));
  }
  return found;
}

}  // namespace gotls
