// Assembled bodies for the tests of arm64, with a listing beside the bytes (aarch64-linux-gnu-as).
// The connection's input is at kInput = 0x100, so its position is the word at 0x118.
#pragma once

#include <string_view>

namespace gotls::arm64_code {

// A Read as Go makes it for the register ABI: one copy out of c.input, a test of n, two returns.
inline constexpr std::string_view kRead =
    "900b40f9"   // +0x0 ldr x16,[x28,#16]
    "ff6330eb"   // +0x4 cmp sp,x16
    "49040054"   // +0x8 b.ls +0x90
    "fe0f1bf8"   // +0xc str x30,[sp,#-80]!
    "fd831ff8"   // +0x10 stur x29,[sp,#-8]
    "fd2300d1"   // +0x14 sub x29,sp,#0x8
    "e02f00f9"   // +0x18 str x0,[sp,#88]
    "e23700f9"   // +0x1c str x2,[sp,#104]
    "e13300f9"   // +0x20 str x1,[sp,#96]
    "f7030094"   // +0x24 bl handshake
    "a00200b5"   // +0x28 cbnz x0,+0x7c
    "e32f40f9"   // +0x2c ldr x3,[sp,#88]
    "e03340f9"   // +0x30 ldr x0,[sp,#96]
    "e23740f9"   // +0x34 ldr x2,[sp,#104]
    "e21700f9"   // +0x38 str x2,[sp,#40]
    "f10b0094"   // +0x3c bl memmove
    "e21740f9"   // +0x40 ldr x2,[sp,#40]
    "e32f40f9"   // +0x44 ldr x3,[sp,#88]
    "648c40f9"   // +0x48 ldr x4,[x3,#280]
    "8400028b"   // +0x4c add x4,x4,x2
    "648c00f9"   // +0x50 str x4,[x3,#280]
    "a20000b4"   // +0x54 cbz x2,+0x68
    "e21700f9"   // +0x58 str x2,[sp,#40]
    "e00303aa"   // +0x5c mov x0,x3
    "e8030094"   // +0x60 bl handshake
    "e21740f9"   // +0x64 ldr x2,[sp,#40]
    "e00302aa"   // +0x68 mov x0,x2
    "e1031faa"   // +0x6c mov x1,xzr
    "fd835ff8"   // +0x70 ldur x29,[sp,#-8]
    "fe0745f8"   // +0x74 ldr x30,[sp],#80
    "c0035fd6"   // +0x78 ret
    "e10300aa"   // +0x7c mov x1,x0
    "e0031faa"   // +0x80 mov x0,xzr
    "fd835ff8"   // +0x84 ldur x29,[sp,#-8]
    "fe0745f8"   // +0x88 ldr x30,[sp],#80
    "c0035fd6"   // +0x8c ret
    "e08700a9"   // +0x90 stp x0,x1,[sp,#8]
    "e20f00f9"   // +0x94 str x2,[sp,#24]
    "e3031eaa"   // +0x98 mov x3,x30
    "d90f0094"   // +0x9c bl morestack
    "e08740a9"   // +0xa0 ldp x0,x1,[sp,#8]
    "e20f40f9"   // +0xa4 ldr x2,[sp,#24]
    "d6ffff17";  // +0xa8 b +0x0

// The same for the stack ABI (Go 1.15 to 1.17): x1 and x2 in the stack check, arguments and results
// in the caller's frame.
inline constexpr std::string_view kReadStackAbi =
    "810b40f9"   // +0x0 ldr x1,[x28,#16]
    "e2030091"   // +0x4 mov x2,sp
    "5f0001eb"   // +0x8 cmp x2,x1
    "69040054"   // +0xc b.ls +0x98
    "fe0f1bf8"   // +0x10 str x30,[sp,#-80]!
    "fd831ff8"   // +0x14 stur x29,[sp,#-8]
    "fd2300d1"   // +0x18 sub x29,sp,#0x8
    "e02f40f9"   // +0x1c ldr x0,[sp,#88]
    "e00700f9"   // +0x20 str x0,[sp,#8]
    "f7030094"   // +0x24 bl handshake
    "e00b40f9"   // +0x28 ldr x0,[sp,#16]
    "c00200b5"   // +0x2c cbnz x0,+0x84
    "e33340f9"   // +0x30 ldr x3,[sp,#96]
    "e30700f9"   // +0x34 str x3,[sp,#8]
    "e23740f9"   // +0x38 ldr x2,[sp,#104]
    "e20f00f9"   // +0x3c str x2,[sp,#24]
    "e21b00f9"   // +0x40 str x2,[sp,#48]
    "ef0b0094"   // +0x44 bl memmove
    "e21b40f9"   // +0x48 ldr x2,[sp,#48]
    "e32f40f9"   // +0x4c ldr x3,[sp,#88]
    "648c40f9"   // +0x50 ldr x4,[x3,#280]
    "8400028b"   // +0x54 add x4,x4,x2
    "648c00f9"   // +0x58 str x4,[x3,#280]
    "a20000b4"   // +0x5c cbz x2,+0x70
    "e21b00f9"   // +0x60 str x2,[sp,#48]
    "e30700f9"   // +0x64 str x3,[sp,#8]
    "e6030094"   // +0x68 bl handshake
    "e21b40f9"   // +0x6c ldr x2,[sp,#48]
    "e23f00f9"   // +0x70 str x2,[sp,#120]
    "ff7f08a9"   // +0x74 stp xzr,xzr,[sp,#128]
    "fd835ff8"   // +0x78 ldur x29,[sp,#-8]
    "fe0745f8"   // +0x7c ldr x30,[sp],#80
    "c0035fd6"   // +0x80 ret
    "ff3f00f9"   // +0x84 str xzr,[sp,#120]
    "e04300f9"   // +0x88 str x0,[sp,#128]
    "fd835ff8"   // +0x8c ldur x29,[sp,#-8]
    "fe0745f8"   // +0x90 ldr x30,[sp],#80
    "c0035fd6"   // +0x94 ret
    "e3031eaa"   // +0x98 mov x3,x30
    "d90f0094"   // +0x9c bl morestack
    "d8ffff17";  // +0xa0 b +0x0

// What is added to the position is not n: another register takes its place between the addition and
// the store.
inline constexpr std::string_view kReadOtherSum =
    "fe0f1bf8"   // +0x0 str x30,[sp,#-80]!
    "e02f00f9"   // +0x4 str x0,[sp,#88]
    "e13300f9"   // +0x8 str x1,[sp,#96]
    "e21700f9"   // +0xc str x2,[sp,#40]
    "fc0b0094"   // +0x10 bl memmove
    "e21740f9"   // +0x14 ldr x2,[sp,#40]
    "e32f40f9"   // +0x18 ldr x3,[sp,#88]
    "648c40f9"   // +0x1c ldr x4,[x3,#280]
    "8400028b"   // +0x20 add x4,x4,x2
    "42040091"   // +0x24 add x2,x2,#0x1
    "648c00f9"   // +0x28 str x4,[x3,#280]
    "220000b4"   // +0x2c cbz x2,+0x30
    "e00302aa"   // +0x30 mov x0,x2
    "fe0745f8"   // +0x34 ldr x30,[sp],#80
    "c0035fd6";  // +0x38 ret

// The position that is stored was loaded from another word.
inline constexpr std::string_view kReadOtherPosition =
    "fe0f1bf8"   // +0x0 str x30,[sp,#-80]!
    "e02f00f9"   // +0x4 str x0,[sp,#88]
    "e13300f9"   // +0x8 str x1,[sp,#96]
    "e21700f9"   // +0xc str x2,[sp,#40]
    "fc0b0094"   // +0x10 bl memmove
    "e21740f9"   // +0x14 ldr x2,[sp,#40]
    "e32f40f9"   // +0x18 ldr x3,[sp,#88]
    "648840f9"   // +0x1c ldr x4,[x3,#272]
    "8400028b"   // +0x20 add x4,x4,x2
    "648c00f9"   // +0x24 str x4,[x3,#280]
    "220000b4"   // +0x28 cbz x2,+0x2c
    "e00302aa"   // +0x2c mov x0,x2
    "fe0745f8"   // +0x30 ldr x30,[sp],#80
    "c0035fd6";  // +0x34 ret

// n is one of two registers, chosen by csel, in front of the returns: it stands nowhere before.
inline constexpr std::string_view kReadSelects =
    "fe0f1bf8"   // +0x0 str x30,[sp,#-80]!
    "e02f00f9"   // +0x4 str x0,[sp,#88]
    "e13300f9"   // +0x8 str x1,[sp,#96]
    "e21700f9"   // +0xc str x2,[sp,#40]
    "fc0b0094"   // +0x10 bl memmove
    "e21740f9"   // +0x14 ldr x2,[sp,#40]
    "e31b40f9"   // +0x18 ldr x3,[sp,#48]
    "420000b4"   // +0x1c cbz x2,+0x24
    "e21300f9"   // +0x20 str x2,[sp,#32]
    "5f0003eb"   // +0x24 cmp x2,x3
    "40b0839a"   // +0x28 csel x0,x2,x3,lt
    "fe0745f8"   // +0x2c ldr x30,[sp],#80
    "c0035fd6";  // +0x30 ret

// A return that gives what the handshake gave is not behind the copy.
inline constexpr std::string_view kReadUncovered =
    "fe0f1bf8"   // +0x0 str x30,[sp,#-80]!
    "e02f00f9"   // +0x4 str x0,[sp,#88]
    "e13300f9"   // +0x8 str x1,[sp,#96]
    "e23700f9"   // +0xc str x2,[sp,#104]
    "fc030094"   // +0x10 bl handshake
    "c10100b5"   // +0x14 cbnz x1,+0x4c
    "e23740f9"   // +0x18 ldr x2,[sp,#104]
    "e21700f9"   // +0x1c str x2,[sp,#40]
    "f80b0094"   // +0x20 bl memmove
    "e21740f9"   // +0x24 ldr x2,[sp,#40]
    "e32f40f9"   // +0x28 ldr x3,[sp,#88]
    "648c40f9"   // +0x2c ldr x4,[x3,#280]
    "8400028b"   // +0x30 add x4,x4,x2
    "648c00f9"   // +0x34 str x4,[x3,#280]
    "420000b4"   // +0x38 cbz x2,+0x40
    "e21b00f9"   // +0x3c str x2,[sp,#48]
    "e00302aa"   // +0x40 mov x0,x2
    "fe0745f8"   // +0x44 ldr x30,[sp],#80
    "c0035fd6"   // +0x48 ret
    "fe0745f8"   // +0x4c ldr x30,[sp],#80
    "c0035fd6";  // +0x50 ret

// The only branch that knows n stands between a load and a store of the exclusive monitor.
inline constexpr std::string_view kReadExclusive =
    "fe0f1bf8"   // +0x0 str x30,[sp,#-80]!
    "e02f00f9"   // +0x4 str x0,[sp,#88]
    "e13300f9"   // +0x8 str x1,[sp,#96]
    "e21700f9"   // +0xc str x2,[sp,#40]
    "fc0b0094"   // +0x10 bl memmove
    "e21740f9"   // +0x14 ldr x2,[sp,#40]
    "e32f40f9"   // +0x18 ldr x3,[sp,#88]
    "7bfc5f88"   // +0x1c ldaxr w27,[x3]
    "420000b4"   // +0x20 cbz x2,+0x28
    "65fc1b88"   // +0x24 stlxr w27,w5,[x3]
    "e00302aa"   // +0x28 mov x0,x2
    "ff430191"   // +0x2c add sp,sp,#0x50
    "c0035fd6";  // +0x30 ret

// A Write as Go makes it for the register ABI, with the split of TLS 1.0.
inline constexpr std::string_view kWrite =
    "900b40f9"   // +0x0 ldr x16,[x28,#16]
    "f14301d1"   // +0x4 sub x17,sp,#0x50
    "3f0210eb"   // +0x8 cmp x17,x16
    "a9050054"   // +0xc b.ls +0xc0
    "fe0f19f8"   // +0x10 str x30,[sp,#-112]!
    "fd831ff8"   // +0x14 stur x29,[sp,#-8]
    "fd2300d1"   // +0x18 sub x29,sp,#0x8
    "e03f00f9"   // +0x1c str x0,[sp,#120]
    "e14300f9"   // +0x20 str x1,[sp,#128]
    "e24700f9"   // +0x24 str x2,[sp,#136]
    "e34b00f9"   // +0x28 str x3,[sp,#144]
    "f5030094"   // +0x2c bl handshake
    "e00300b5"   // +0x30 cbnz x0,+0xac
    "e03f40f9"   // +0x34 ldr x0,[sp,#120]
    "e54740f9"   // +0x38 ldr x5,[sp,#136]
    "06904079"   // +0x3c ldrh w6,[x0,#72]
    "df040c71"   // +0x40 cmp w6,#0x301
    "e1010054"   // +0x44 b.ne +0x80
    "e10280d2"   // +0x48 mov x1,#0x17
    "e24340f9"   // +0x4c ldr x2,[sp,#128]
    "e30340b2"   // +0x50 orr x3,xzr,#0x1
    "e44b40f9"   // +0x54 ldr x4,[sp,#144]
    "ea130094"   // +0x58 bl write_record
    "810200b5"   // +0x5c cbnz x1,+0xac
    "e01b00f9"   // +0x60 str x0,[sp,#48]
    "e54340f9"   // +0x64 ldr x5,[sp,#128]
    "a1040091"   // +0x68 add x1,x5,#0x1
    "e54740f9"   // +0x6c ldr x5,[sp,#136]
    "a30400d1"   // +0x70 sub x3,x5,#0x1
    "e03f40f9"   // +0x74 ldr x0,[sp,#120]
    "e20301aa"   // +0x78 mov x2,x1
    "04000014"   // +0x7c b +0x8c
    "e24340f9"   // +0x80 ldr x2,[sp,#128]
    "e30305aa"   // +0x84 mov x3,x5
    "ff1b00f9"   // +0x88 str xzr,[sp,#48]
    "e10280d2"   // +0x8c mov x1,#0x17
    "e40303aa"   // +0x90 mov x4,x3
    "db130094"   // +0x94 bl write_record
    "e21b40f9"   // +0x98 ldr x2,[sp,#48]
    "4000008b"   // +0x9c add x0,x2,x0
    "fd835ff8"   // +0xa0 ldur x29,[sp,#-8]
    "fe0747f8"   // +0xa4 ldr x30,[sp],#112
    "c0035fd6"   // +0xa8 ret
    "e10300aa"   // +0xac mov x1,x0
    "e0031faa"   // +0xb0 mov x0,xzr
    "fd835ff8"   // +0xb4 ldur x29,[sp,#-8]
    "fe0747f8"   // +0xb8 ldr x30,[sp],#112
    "c0035fd6"   // +0xbc ret
    "e08700a9"   // +0xc0 stp x0,x1,[sp,#8]
    "e28f01a9"   // +0xc4 stp x2,x3,[sp,#24]
    "e3031eaa"   // +0xc8 mov x3,x30
    "cd0f0094"   // +0xcc bl morestack
    "e08740a9"   // +0xd0 ldp x0,x1,[sp,#8]
    "e28f41a9"   // +0xd4 ldp x2,x3,[sp,#24]
    "caffff17";  // +0xd8 b +0x0

// For the stack ABI: arguments of calls stand from [sp+8] on, behind the link register's slot.
inline constexpr std::string_view kWriteStackAbi =
    "fe0f1bf8"   // +0x0 str x30,[sp,#-80]!
    "e02f40f9"   // +0x4 ldr x0,[sp,#88]
    "e00700f9"   // +0x8 str x0,[sp,#8]
    "e10280d2"   // +0xc mov x1,#0x17
    "e1430039"   // +0x10 strb w1,[sp,#16]
    "e13340f9"   // +0x14 ldr x1,[sp,#96]
    "e10f00f9"   // +0x18 str x1,[sp,#24]
    "e13740f9"   // +0x1c ldr x1,[sp,#104]
    "e11300f9"   // +0x20 str x1,[sp,#32]
    "e11700f9"   // +0x24 str x1,[sp,#40]
    "f6130094"   // +0x28 bl write_record
    "e01b40f9"   // +0x2c ldr x0,[sp,#48]
    "e03f00f9"   // +0x30 str x0,[sp,#120]
    "fe0745f8"   // +0x34 ldr x30,[sp],#80
    "c0035fd6";  // +0x38 ret

// The type is that of an alert.
inline constexpr std::string_view kWriteOtherType =
    "fe0f1bf8"   // +0x0 str x30,[sp,#-80]!
    "e30302aa"   // +0x4 mov x3,x2
    "e20301aa"   // +0x8 mov x2,x1
    "a10280d2"   // +0xc mov x1,#0x15
    "fc130094"   // +0x10 bl write_record
    "fe0745f8"   // +0x14 ldr x30,[sp],#80
    "c0035fd6";  // +0x18 ret

// The length went through a 32-bit register: its upper half is gone.
inline constexpr std::string_view kWriteNarrow =
    "fe0f1bf8"   // +0x0 str x30,[sp,#-80]!
    "e303022a"   // +0x4 mov w3,w2
    "e20301aa"   // +0x8 mov x2,x1
    "e10280d2"   // +0xc mov x1,#0x17
    "fc130094"   // +0x10 bl write_record
    "fe0745f8"   // +0x14 ldr x30,[sp],#80
    "c0035fd6";  // +0x18 ret

// A frame beyond what one instruction can take off the stack pointer (Go 1.19 to 1.23).
inline constexpr std::string_view kLargeFrame =
    "1b5482d2"   // +0x0 mov x27,#0x12a0
    "f4633bcb"   // +0x4 sub x20,sp,x27
    "9dfa3fa9"   // +0x8 stp x29,x30,[x20,#-8]
    "9f020091"   // +0xc mov sp,x20
    "fd2300d1"   // +0x10 sub x29,sp,#0x8
    "e02300f9"   // +0x14 str x0,[sp,#64]
    "fa030094"   // +0x18 bl handshake
    "e02340f9"   // +0x1c ldr x0,[sp,#64]
    "1b5482d2"   // +0x20 mov x27,#0x12a0
    "fdfb7fa9"   // +0x24 ldp x29,x30,[sp,#-8]
    "ff633b8b"   // +0x28 add sp,sp,x27
    "c0035fd6";  // +0x2c ret

// The link register lives through one call in the lowest slot: that doesn't make a local of what
// lies above it, an argument of the first call and a result of the second one.
inline constexpr std::string_view kLinkRegister =
    "fe0f1df8"   // +0x0 str x30,[sp,#-48]!
    "e00700f9"   // +0x4 str x0,[sp,#8]
    "fe030094"   // +0x8 bl handshake
    "a10000b4"   // +0xc cbz x1,+0x20
    "fc0b0094"   // +0x10 bl memmove
    "e00740f9"   // +0x14 ldr x0,[sp,#8]
    "fe0743f8"   // +0x18 ldr x30,[sp],#48
    "c0035fd6"   // +0x1c ret
    "fe0743f8"   // +0x20 ldr x30,[sp],#48
    "c0035fd6";  // +0x24 ret

// A pair whose first register is the base.
inline constexpr std::string_view kLoadsItsBase =
    "fe0f1df8"   // +0x0 str x30,[sp,#-48]!
    "e0430091"   // +0x4 add x0,sp,#0x10
    "e10b01a9"   // +0x8 stp x1,x2,[sp,#16]
    "000c40a9"   // +0xc ldp x0,x3,[x0]
    "fe0743f8"   // +0x10 ldr x30,[sp],#48
    "c0035fd6";  // +0x14 ret

// writeKeyLog's head.
inline constexpr std::string_view kWriteKeyLog =
    "900b40f9"   // +0x0 ldr x16,[x28,#16]
    "f10301d1"   // +0x4 sub x17,sp,#0x40
    "3f0210eb"   // +0x8 cmp x17,x16
    "a9ffff54"   // +0xc b.ls +0x0
    "fe0f14f8"   // +0x10 str x30,[sp,#-192]!
    "c0035fd6";  // +0x14 ret

// writeKeyLog's head, stack ABI.
inline constexpr std::string_view kWriteKeyLogStackAbi =
    "810b40f9"   // +0x0 ldr x1,[x28,#16]
    "e2c300d1"   // +0x4 sub x2,sp,#0x30
    "5f0001eb"   // +0x8 cmp x2,x1
    "a9ffff54"   // +0xc b.ls +0x0
    "fe0f15f8"   // +0x10 str x30,[sp,#-176]!
    "c0035fd6";  // +0x14 ret

}  // namespace gotls::arm64_code
