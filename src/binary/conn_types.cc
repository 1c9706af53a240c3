#include "binary/conn_types.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "binary/layout.h"
#include "bpf/event.h"

namespace gotls {
namespace {

// net.Conn's, sorted. A type's own table lists promoted methods too, and the linker, which drops
// code that nothing calls, leaves the names.
constexpr std::array<std::string_view, 8> kConnMethods = {
    "Close",           "LocalAddr",        "Read", "RemoteAddr", "SetDeadline",
    "SetReadDeadline", "SetWriteDeadline", "Write"};

// What no real program comes near: they have some hundred thousand methods in all, and some hundred
// net.Conns.
constexpr std::uint64_t kMethodBudget = 8'000'000;
constexpr std::uint64_t kFieldBudget = 2'000'000;
constexpr std::size_t kMaxConnStructs = 16384;
// Wrappers in wrappers.
constexpr int kMaxDepth = 8;

struct Step {
  std::uint32_t kind = 0;
  std::uint64_t offset = 0;
  VirtualAddress next_type = {};    // of a pointer type
  VirtualAddress next_struct = {};  // what it points to
  bool operator==(const Step&) const = default;
};

// A field that may lead on to the socket.
struct Lead {
  enum class Kind { kInterface, kPointer, kValue };
  Kind kind = Kind::kInterface;
  int rank = 0;  // lower is better
  std::uint64_t offset = 0;
  VirtualAddress type;    // of the field
  VirtualAddress strukt;  // kPointer, kValue: the struct there
};

struct ConnStruct {
  std::vector<Lead> leads;  // best first
  std::optional<Step> step;
  bool final = false;
};

class StepFinder {
 public:
  StepFinder(const Types& types, const std::vector<TypeDescriptor>& all,
             std::span<const std::string_view> tls_packages)
      : types_(types), all_(all), tls_packages_(tls_packages) {}

  std::vector<TypeStep> Run() {
    CollectConnTypes();
    ReadStructs();
    for (int round = 0; round < kMaxDepth; ++round) {
      if (!ResolveOnce()) break;
    }
    AppendAddresses();
    for (const TypeDescriptor& type : conn_types_) AppendConn(type);
    return std::move(result_);
  }

 private:
  bool IsConn(const TypeDescriptor& type) {
    return types_.CountMethods(type, kConnMethods, method_budget_) == kConnMethods.size();
  }

  void AddStruct(VirtualAddress address) {
    if (structs_.size() < kMaxConnStructs && structs_.try_emplace(address.value).second) {
      queue_.push_back(address);
    }
  }

  // Types that can stand behind a net.Conn: structs and pointers to them.
  void CollectConnTypes() {
    for (const TypeDescriptor& type : all_) {
      if (type.kind != TypeKind::kPointer && type.kind != TypeKind::kStruct) continue;
      if (!IsConn(type)) continue;
      conn_types_.push_back(type);
      AddStruct(type.kind == TypeKind::kPointer ? types_.Element(type) : type.address);
    }
  }

  // A struct that is embedded by value need not be a net.Conn by itself: nothing may refer to a
  // pointer to it, whose descriptor would list the methods. So those are looked into too.
  void ReadStructs() {
    while (!queue_.empty()) {
      const VirtualAddress address = queue_.back();
      queue_.pop_back();
      const auto type = types_.At(address);
      if (!type || type->kind != TypeKind::kStruct) continue;
      ReadStruct(*type, structs_[address.value]);
    }
  }

  void ReadStruct(const TypeDescriptor& type, ConnStruct& out) {
    const bool is_net_conn = IsNamed(type, "net.conn", "net");
    const bool is_tls_conn = IsTlsConn(type);
    std::vector<Lead> leads;
    if (field_budget_ == 0) return;
    for (const TypeField& field : types_.Fields(type)) {
      if (field_budget_ == 0) break;
      --field_budget_;
      if (is_net_conn && field.name == "fd") {
        out.step = Step{.kind = GOTLS_STEP_NET_FD, .offset = field.offset};
      } else if (is_tls_conn && field.name == "conn") {
        out.step = Step{.kind = GOTLS_STEP_TLS_CONN, .offset = field.offset};
      } else if (const auto lead = LeadOf(field)) {
        leads.push_back(*lead);
      }
    }
    out.final = out.step.has_value();
    std::ranges::stable_sort(leads, {}, &Lead::rank);
    // `out` stays where it is: a rehash moves no element of an unordered_map.
    out.leads = std::move(leads);
    for (const Lead& lead : out.leads) {
      if (lead.kind == Lead::Kind::kValue && lead.rank == 1) AddStruct(lead.strukt);
    }
  }

  bool IsTlsConn(const TypeDescriptor& type) const {
    const std::string_view name = types_.Name(type);
    return name.ends_with(".Conn") && name.find('.') == name.size() - 5 &&
           std::ranges::find(tls_packages_, types_.PackagePath(type)) != tls_packages_.end();
  }

  bool IsNamed(const TypeDescriptor& type, std::string_view name, std::string_view path) const {
    return types_.Name(type) == name && types_.PackagePath(type) == path;
  }

  std::optional<Lead> LeadOf(const TypeField& field) {
    const auto type = types_.At(field.type);
    if (!type) return std::nullopt;
    Lead lead{.offset = field.offset, .type = field.type, .strukt = {}};
    switch (type->kind) {
      case TypeKind::kInterface:
        if (!IsConn(*type)) return std::nullopt;
        lead.rank = field.embedded ? 0 : 2;
        return lead;
      case TypeKind::kPointer:
        lead.kind = Lead::Kind::kPointer;
        lead.rank = field.embedded ? 1 : 3;
        lead.strukt = types_.Element(*type);
        return lead;
      case TypeKind::kStruct:
        lead.kind = Lead::Kind::kValue;
        lead.rank = field.embedded ? 1 : 4;
        lead.strukt = field.type;
        return lead;
    }
    return std::nullopt;
  }

  const ConnStruct* Find(VirtualAddress strukt) const {
    const auto found = structs_.find(strukt.value);
    return found == structs_.end() ? nullptr : &found->second;
  }

  // Whether the pointers from `from` come back to `to`.
  bool Reaches(VirtualAddress from, VirtualAddress to) const {
    for (int depth = 0; depth < kMaxDepth; ++depth) {
      if (from == to) return true;
      const ConnStruct* here = Find(from);
      if (here == nullptr || !here->step || here->step->kind != GOTLS_STEP_POINTER) return false;
      from = here->step->next_struct;
    }
    return true;  // too long to be followed anyway
  }

  std::optional<Step> StepBy(const Lead& lead, VirtualAddress self) const {
    if (lead.kind == Lead::Kind::kInterface) {
      return Step{.kind = GOTLS_STEP_INTERFACE, .offset = lead.offset};
    }
    const ConnStruct* target = Find(lead.strukt);
    if (target == nullptr || !target->step || Reaches(lead.strukt, self)) return std::nullopt;
    if (lead.kind == Lead::Kind::kPointer) {
      return Step{.kind = GOTLS_STEP_POINTER,
                  .offset = lead.offset,
                  .next_type = lead.type,
                  .next_struct = lead.strukt};
    }
    Step step = *target->step;
    step.offset += lead.offset;
    return step;
  }

  // One round; true when something changed.
  bool ResolveOnce() {
    bool changed = false;
    for (auto& [address, conn] : structs_) {
      if (conn.final) continue;
      for (const Lead& lead : conn.leads) {
        const auto step = StepBy(lead, {address});
        if (!step) continue;
        changed |= conn.step != step;
        conn.step = step;
        break;
      }
    }
    return changed;
  }

  void Append(const TypeDescriptor& type, Step step) {
    if (result_.size() == kMaxTypeSteps || step.offset >= GOTLS_NO_OFFSET) return;
    result_.push_back({.type = type.address,
                       .step = step.kind,
                       .offset = static_cast<std::uint32_t>(step.offset),
                       .next_type = step.next_type,
                       .type_name = std::string(types_.Name(type))});
  }

  void AppendConn(const TypeDescriptor& type) {
    const bool is_pointer = type.kind == TypeKind::kPointer;
    const ConnStruct* conn = Find(is_pointer ? types_.Element(type) : type.address);
    if (conn == nullptr || !conn->step) return;
    Step step = *conn->step;
    if (!is_pointer && type.direct) {
      // The struct is a single pointer, and the interface's data word is that pointer.
      if (step.kind != GOTLS_STEP_POINTER) return;
      step.kind = GOTLS_STEP_DIRECT;
    }
    Append(type, step);
  }

  void AppendAddresses() {
    // *net.UDPAddr has the fields of *net.TCPAddr at the same places.
    for (const std::string_view name : {"*net.TCPAddr", "*net.UDPAddr", "*net.UnixAddr"}) {
      const TypeDescriptor* type = FindType(types_, all_, TypeKind::kPointer, name, "net");
      if (type == nullptr) continue;
      const bool is_unix = name == "*net.UnixAddr";
      Append(*type, {.kind = is_unix ? GOTLS_STEP_UNIX_ADDR : GOTLS_STEP_TCP_ADDR});
    }
  }

  const Types& types_;
  const std::vector<TypeDescriptor>& all_;
  const std::span<const std::string_view> tls_packages_;
  std::uint64_t method_budget_ = kMethodBudget;
  std::uint64_t field_budget_ = kFieldBudget;
  std::vector<TypeDescriptor> conn_types_;
  std::unordered_map<std::uint64_t, ConnStruct> structs_;  // by address of the descriptor
  std::vector<VirtualAddress> queue_;
  std::vector<TypeStep> result_;
};

}  // namespace

std::vector<TypeStep> FindTypeSteps(const Types& types, const std::vector<TypeDescriptor>& all,
                                    std::span<const std::string_view> tls_packages) {
  return StepFinder(types, all, tls_packages).Run();
}

}  // namespace gotls
