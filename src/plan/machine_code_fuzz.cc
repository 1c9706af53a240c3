// Any bytes as the functions of crypto/tls: a plan whose sites lie in them, or an error that says
// why there is none.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "plan/planner.h"
#include "plan/test_code.h"
#include "plan/test_read_code.h"
#include "plan/test_write_code.h"

namespace {

using gotls::Function;

void Check(bool holds) {
  if (!holds) std::abort();
}

// With real functions to start from; the input goes over them.
std::vector<std::byte> Code(std::string_view hex, const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> code;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    const char byte[3] = {hex[i], hex[i + 1], 0};
    code.push_back(static_cast<std::byte>(std::strtoul(byte, nullptr, 16)));
  }
  if (size > 1) {
    const std::size_t at = data[0] % (code.size() + 1);
    if (code.size() < at + size - 1) code.resize(at + size - 1);
    std::memcpy(code.data() + at, data + 1, size - 1);
  }
  return code;
}

void CheckSites(const std::vector<gotls::Site>& sites, const gotls::TlsPackage& package) {
  for (const gotls::Site& site : sites) {
    const Function* owner = nullptr;
    for (const Function& function : package.functions) {
      if (site.address.value - function.address.value < function.code.size()) owner = &function;
    }
    Check(owner != nullptr && !site.bytes.empty());
    const std::size_t at = site.address.value - owner->address.value;
    Check(site.function_offset == at && site.bytes.size() <= owner->code.size() - at);
    Check(std::memcmp(site.bytes.data(), owner->code.data() + at, site.bytes.size()) == 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::uint8_t choice = data[0];
  const std::size_t read_size = data[1] * (size - 2) / 255;
  gotls::GoFacts facts;
  facts.arch = (choice & 1) != 0 ? gotls::Arch::kArm64 : gotls::Arch::kAmd64;
  facts.go_minor = (choice & 2) != 0 ? 15 : 26;
  facts.go_version = (choice & 2) != 0 ? "go1.15.9" : "go1.26.1";
  gotls::TlsPackage package;
  package.path = "crypto/tls";
  package.offsets.conn_input = 0x100;
  const auto read = Code(gotls::kRead, data + 2, read_size);
  const auto write = Code(gotls::kWrite, data + 2 + read_size, size - 2 - read_size);
  const auto record = Code(gotls::kWriteRecordLocked, data, 0);
  const auto add = [&](const char* name, std::uint64_t address, gotls::Bytes code) {
    package.functions.push_back({.name = std::string("crypto/tls.(*Conn).") + name,
                                 .address = {address},
                                 .offset = {address - 0x400000},
                                 .code = code});
  };
  add("Read", gotls::kTestAddress, read);
  add("Write", 0x501000, write);
  add("writeRecordLocked", gotls::kTestWriteRecord, record);
  for (const auto plan_choice :
       {gotls::PlanChoice::kAuto, gotls::PlanChoice::kLean, gotls::PlanChoice::kClassic}) {
    const auto plan = gotls::MakePlan(facts, package, plan_choice);
    if (!plan) {
      Check(plan.error().kind == gotls::ErrorKind::kTarget && !plan.error().what.empty());
      continue;
    }
    Check(!plan->read.sites.empty() && !plan->write.sites.empty());
    CheckSites(plan->read.sites, package);
    CheckSites(plan->write.sites, package);
    CheckSites(plan->lifecycle, package);
  }
  return 0;
}
