// Assembled bodies for lean_read_test.cc and planner_test.cc, with a listing beside the bytes.
// Register ABI.
#pragma once

#include <string_view>

namespace gotls {

// A Read as Go makes it: the input (a bytes.Reader at c+0x100) is filled in a loop, copied from,
// and its position moved on by n in rcx. A bounds check's panic stands in front of the return with
// an error.
inline constexpr std::string_view kRead =
    "493b6610"        // +0x0 cmp rsp,[r14+0x10]
    "0f86b2000000"    // +0x4 jbe +0xbc
    "55"              // +0xa push rbp
    "4889e5"          // +0xb mov rbp,rsp
    "4883ec40"        // +0xe sub rsp,0x40
    "4889442450"      // +0x12 mov [rsp+0x50],rax
    "48895c2458"      // +0x17 mov [rsp+0x58],rbx
    "48894c2460"      // +0x1c mov [rsp+0x60],rcx
    "e8da0f0000"      // +0x21 call handshake
    "4885c0"          // +0x26 test rax,rax
    "0f8580000000"    // +0x29 jne +0xaf
    "488b742450"      // +0x2f mov rsi,[rsp+0x50]
    "488bbe18010000"  // +0x34 mov rdi,[rsi+0x118]
    "483bbe08010000"  // +0x3b cmp rdi,[rsi+0x108]
    "7c0f"            // +0x42 jl +0x53
    "4889f0"          // +0x44 mov rax,rsi
    "e8b41f0000"      // +0x47 call record
    "4885c0"          // +0x4c test rax,rax
    "74de"            // +0x4f je +0x2f
    "eb5c"            // +0x51 jmp +0xaf
    "488b9e00010000"  // +0x53 mov rbx,[rsi+0x100]
    "488b442458"      // +0x5a mov rax,[rsp+0x58]
    "488b4c2460"      // +0x5f mov rcx,[rsp+0x60]
    "48894c2420"      // +0x64 mov [rsp+0x20],rcx
    "e8922f0000"      // +0x69 call memmove
    "488b4c2420"      // +0x6e mov rcx,[rsp+0x20]
    "488b742450"      // +0x73 mov rsi,[rsp+0x50]
    "48018e18010000"  // +0x78 add [rsi+0x118],rcx
    "4885c9"          // +0x7f test rcx,rcx
    "7418"            // +0x82 je +0x9c
    "4883f910"        // +0x84 cmp rcx,0x10
    "771d"            // +0x88 ja +0xa7
    "48894c2428"      // +0x8a mov [rsp+0x28],rcx
    "4889f0"          // +0x8f mov rax,rsi
    "e8691f0000"      // +0x92 call record
    "488b4c2428"      // +0x97 mov rcx,[rsp+0x28]
    "4889c8"          // +0x9c mov rax,rcx
    "31db"            // +0x9f xor ebx,ebx
    "4883c440"        // +0xa1 add rsp,0x40
    "5d"              // +0xa5 pop rbp
    "c3"              // +0xa6 ret
    "4889c8"          // +0xa7 mov rax,rcx
    "e8515f0000"      // +0xaa call panic_slice
    "31c0"            // +0xaf xor eax,eax
    "bb01000000"      // +0xb1 mov ebx,0x1
    "4883c440"        // +0xb6 add rsp,0x40
    "5d"              // +0xba pop rbp
    "c3"              // +0xbb ret
    "4889442408"      // +0xbc mov [rsp+0x8],rax
    "48895c2410"      // +0xc1 mov [rsp+0x10],rbx
    "48894c2418"      // +0xc6 mov [rsp+0x18],rcx
    "e8303f0000"      // +0xcb call morestack
    "488b442408"      // +0xd0 mov rax,[rsp+0x8]
    "488b5c2410"      // +0xd5 mov rbx,[rsp+0x10]
    "488b4c2418"      // +0xda mov rcx,[rsp+0x18]
    "e91cffffff";     // +0xdf jmp +0x0

// One way to the site leads past the copy with a result other than 0.
inline constexpr std::string_view kReadSkippedCopy =
    "493b6610"        // +0x0 cmp rsp,[r14+0x10]
    "0f86c1000000"    // +0x4 jbe +0xcb
    "55"              // +0xa push rbp
    "4889e5"          // +0xb mov rbp,rsp
    "4883ec40"        // +0xe sub rsp,0x40
    "4889442450"      // +0x12 mov [rsp+0x50],rax
    "48895c2458"      // +0x17 mov [rsp+0x58],rbx
    "48894c2460"      // +0x1c mov [rsp+0x60],rcx
    "e8da0f0000"      // +0x21 call handshake
    "4885c0"          // +0x26 test rax,rax
    "0f858f000000"    // +0x29 jne +0xbe
    "488b742450"      // +0x2f mov rsi,[rsp+0x50]
    "488bbe18010000"  // +0x34 mov rdi,[rsi+0x118]
    "483bbe08010000"  // +0x3b cmp rdi,[rsi+0x108]
    "7c0f"            // +0x42 jl +0x53
    "4889f0"          // +0x44 mov rax,rsi
    "e8b41f0000"      // +0x47 call record
    "4885c0"          // +0x4c test rax,rax
    "74de"            // +0x4f je +0x2f
    "eb6b"            // +0x51 jmp +0xbe
    "4883ff07"        // +0x53 cmp rdi,0x7
    "7402"            // +0x57 je +0x5b
    "eb07"            // +0x59 jmp +0x62
    "b905000000"      // +0x5b mov ecx,0x5
    "eb2c"            // +0x60 jmp +0x8e
    "488b9e00010000"  // +0x62 mov rbx,[rsi+0x100]
    "488b442458"      // +0x69 mov rax,[rsp+0x58]
    "488b4c2460"      // +0x6e mov rcx,[rsp+0x60]
    "48894c2420"      // +0x73 mov [rsp+0x20],rcx
    "e8832f0000"      // +0x78 call memmove
    "488b4c2420"      // +0x7d mov rcx,[rsp+0x20]
    "488b742450"      // +0x82 mov rsi,[rsp+0x50]
    "48018e18010000"  // +0x87 add [rsi+0x118],rcx
    "4885c9"          // +0x8e test rcx,rcx
    "7418"            // +0x91 je +0xab
    "4883f910"        // +0x93 cmp rcx,0x10
    "771d"            // +0x97 ja +0xb6
    "48894c2428"      // +0x99 mov [rsp+0x28],rcx
    "4889f0"          // +0x9e mov rax,rsi
    "e85a1f0000"      // +0xa1 call record
    "488b4c2428"      // +0xa6 mov rcx,[rsp+0x28]
    "4889c8"          // +0xab mov rax,rcx
    "31db"            // +0xae xor ebx,ebx
    "4883c440"        // +0xb0 add rsp,0x40
    "5d"              // +0xb4 pop rbp
    "c3"              // +0xb5 ret
    "4889c8"          // +0xb6 mov rax,rcx
    "e8425f0000"      // +0xb9 call panic_slice
    "31c0"            // +0xbe xor eax,eax
    "bb01000000"      // +0xc0 mov ebx,0x1
    "4883c440"        // +0xc5 add rsp,0x40
    "5d"              // +0xc9 pop rbp
    "c3"              // +0xca ret
    "4889442408"      // +0xcb mov [rsp+0x8],rax
    "48895c2410"      // +0xd0 mov [rsp+0x10],rbx
    "48894c2418"      // +0xd5 mov [rsp+0x18],rcx
    "e8213f0000"      // +0xda call morestack
    "488b442408"      // +0xdf mov rax,[rsp+0x8]
    "488b5c2410"      // +0xe4 mov rbx,[rsp+0x10]
    "488b4c2418"      // +0xe9 mov rcx,[rsp+0x18]
    "e90dffffff";     // +0xee jmp +0x0

// Between the copy and the site something is called that may refill the input.
inline constexpr std::string_view kReadCallBehindCopy =
    "493b6610"        // +0x0 cmp rsp,[r14+0x10]
    "0f86c6000000"    // +0x4 jbe +0xd0
    "55"              // +0xa push rbp
    "4889e5"          // +0xb mov rbp,rsp
    "4883ec40"        // +0xe sub rsp,0x40
    "4889442450"      // +0x12 mov [rsp+0x50],rax
    "48895c2458"      // +0x17 mov [rsp+0x58],rbx
    "48894c2460"      // +0x1c mov [rsp+0x60],rcx
    "e8da0f0000"      // +0x21 call handshake
    "4885c0"          // +0x26 test rax,rax
    "0f8594000000"    // +0x29 jne +0xc3
    "488b742450"      // +0x2f mov rsi,[rsp+0x50]
    "488bbe18010000"  // +0x34 mov rdi,[rsi+0x118]
    "483bbe08010000"  // +0x3b cmp rdi,[rsi+0x108]
    "7c0f"            // +0x42 jl +0x53
    "4889f0"          // +0x44 mov rax,rsi
    "e8b41f0000"      // +0x47 call record
    "4885c0"          // +0x4c test rax,rax
    "74de"            // +0x4f je +0x2f
    "eb70"            // +0x51 jmp +0xc3
    "488b9e00010000"  // +0x53 mov rbx,[rsi+0x100]
    "488b442458"      // +0x5a mov rax,[rsp+0x58]
    "488b4c2460"      // +0x5f mov rcx,[rsp+0x60]
    "48894c2420"      // +0x64 mov [rsp+0x20],rcx
    "e8922f0000"      // +0x69 call memmove
    "488b4c2420"      // +0x6e mov rcx,[rsp+0x20]
    "488b742450"      // +0x73 mov rsi,[rsp+0x50]
    "48018e18010000"  // +0x78 add [rsi+0x118],rcx
    "48894c2420"      // +0x7f mov [rsp+0x20],rcx
    "e8771f0000"      // +0x84 call record
    "488b4c2420"      // +0x89 mov rcx,[rsp+0x20]
    "488b742450"      // +0x8e mov rsi,[rsp+0x50]
    "4885c9"          // +0x93 test rcx,rcx
    "7418"            // +0x96 je +0xb0
    "4883f910"        // +0x98 cmp rcx,0x10
    "771d"            // +0x9c ja +0xbb
    "48894c2428"      // +0x9e mov [rsp+0x28],rcx
    "4889f0"          // +0xa3 mov rax,rsi
    "e8551f0000"      // +0xa6 call record
    "488b4c2428"      // +0xab mov rcx,[rsp+0x28]
    "4889c8"          // +0xb0 mov rax,rcx
    "31db"            // +0xb3 xor ebx,ebx
    "4883c440"        // +0xb5 add rsp,0x40
    "5d"              // +0xb9 pop rbp
    "c3"              // +0xba ret
    "4889c8"          // +0xbb mov rax,rcx
    "e83d5f0000"      // +0xbe call panic_slice
    "31c0"            // +0xc3 xor eax,eax
    "bb01000000"      // +0xc5 mov ebx,0x1
    "4883c440"        // +0xca add rsp,0x40
    "5d"              // +0xce pop rbp
    "c3"              // +0xcf ret
    "4889442408"      // +0xd0 mov [rsp+0x8],rax
    "48895c2410"      // +0xd5 mov [rsp+0x10],rbx
    "48894c2418"      // +0xda mov [rsp+0x18],rcx
    "e81c3f0000"      // +0xdf call morestack
    "488b442408"      // +0xe4 mov rax,[rsp+0x8]
    "488b5c2410"      // +0xe9 mov rbx,[rsp+0x10]
    "488b4c2418"      // +0xee mov rcx,[rsp+0x18]
    "e908ffffff";     // +0xf3 jmp +0x0

// A return that may give anything lies beside the site.
inline constexpr std::string_view kReadUncovered =
    "493b6610"        // +0x0 cmp rsp,[r14+0x10]
    "0f86b4000000"    // +0x4 jbe +0xbe
    "55"              // +0xa push rbp
    "4889e5"          // +0xb mov rbp,rsp
    "4883ec40"        // +0xe sub rsp,0x40
    "4889442450"      // +0x12 mov [rsp+0x50],rax
    "48895c2458"      // +0x17 mov [rsp+0x58],rbx
    "48894c2460"      // +0x1c mov [rsp+0x60],rcx
    "e8da0f0000"      // +0x21 call handshake
    "4885c0"          // +0x26 test rax,rax
    "7578"            // +0x29 jne +0xa3
    "488b742450"      // +0x2b mov rsi,[rsp+0x50]
    "488bbe18010000"  // +0x30 mov rdi,[rsi+0x118]
    "483bbe08010000"  // +0x37 cmp rdi,[rsi+0x108]
    "7c0f"            // +0x3e jl +0x4f
    "4889f0"          // +0x40 mov rax,rsi
    "e8b81f0000"      // +0x43 call record
    "4885c0"          // +0x48 test rax,rax
    "74de"            // +0x4b je +0x2b
    "eb62"            // +0x4d jmp +0xb1
    "488b9e00010000"  // +0x4f mov rbx,[rsi+0x100]
    "488b442458"      // +0x56 mov rax,[rsp+0x58]
    "488b4c2460"      // +0x5b mov rcx,[rsp+0x60]
    "48894c2420"      // +0x60 mov [rsp+0x20],rcx
    "e8962f0000"      // +0x65 call memmove
    "488b4c2420"      // +0x6a mov rcx,[rsp+0x20]
    "488b742450"      // +0x6f mov rsi,[rsp+0x50]
    "48018e18010000"  // +0x74 add [rsi+0x118],rcx
    "4885c9"          // +0x7b test rcx,rcx
    "7418"            // +0x7e je +0x98
    "4883f910"        // +0x80 cmp rcx,0x10
    "7723"            // +0x84 ja +0xa9
    "48894c2428"      // +0x86 mov [rsp+0x28],rcx
    "4889f0"          // +0x8b mov rax,rsi
    "e86d1f0000"      // +0x8e call record
    "488b4c2428"      // +0x93 mov rcx,[rsp+0x28]
    "4889c8"          // +0x98 mov rax,rcx
    "31db"            // +0x9b xor ebx,ebx
    "4883c440"        // +0x9d add rsp,0x40
    "5d"              // +0xa1 pop rbp
    "c3"              // +0xa2 ret
    "4883c440"        // +0xa3 add rsp,0x40
    "5d"              // +0xa7 pop rbp
    "c3"              // +0xa8 ret
    "4889c8"          // +0xa9 mov rax,rcx
    "e84f5f0000"      // +0xac call panic_slice
    "31c0"            // +0xb1 xor eax,eax
    "bb01000000"      // +0xb3 mov ebx,0x1
    "4883c440"        // +0xb8 add rsp,0x40
    "5d"              // +0xbc pop rbp
    "c3"              // +0xbd ret
    "4889442408"      // +0xbe mov [rsp+0x8],rax
    "48895c2410"      // +0xc3 mov [rsp+0x10],rbx
    "48894c2418"      // +0xc8 mov [rsp+0x18],rcx
    "e82e3f0000"      // +0xcd call morestack
    "488b442408"      // +0xd2 mov rax,[rsp+0x8]
    "488b5c2410"      // +0xd7 mov rbx,[rsp+0x10]
    "488b4c2418"      // +0xdc mov rcx,[rsp+0x18]
    "e91affffff";     // +0xe1 jmp +0x0

// It reads until the buffer is full: whatever knows n lies on the loop, except what knows it too
// late.
inline constexpr std::string_view kReadLoops =
    "493b6610"        // +0x0 cmp rsp,[r14+0x10]
    "0f86b9000000"    // +0x4 jbe +0xc3
    "55"              // +0xa push rbp
    "4889e5"          // +0xb mov rbp,rsp
    "4883ec40"        // +0xe sub rsp,0x40
    "4889442450"      // +0x12 mov [rsp+0x50],rax
    "48895c2458"      // +0x17 mov [rsp+0x58],rbx
    "48894c2460"      // +0x1c mov [rsp+0x60],rcx
    "e8da0f0000"      // +0x21 call handshake
    "4885c0"          // +0x26 test rax,rax
    "0f8587000000"    // +0x29 jne +0xb6
    "488b742450"      // +0x2f mov rsi,[rsp+0x50]
    "488bbe18010000"  // +0x34 mov rdi,[rsi+0x118]
    "483bbe08010000"  // +0x3b cmp rdi,[rsi+0x108]
    "7c0f"            // +0x42 jl +0x53
    "4889f0"          // +0x44 mov rax,rsi
    "e8b41f0000"      // +0x47 call record
    "4885c0"          // +0x4c test rax,rax
    "74de"            // +0x4f je +0x2f
    "eb63"            // +0x51 jmp +0xb6
    "488b9e00010000"  // +0x53 mov rbx,[rsi+0x100]
    "488b442458"      // +0x5a mov rax,[rsp+0x58]
    "488b4c2460"      // +0x5f mov rcx,[rsp+0x60]
    "48894c2420"      // +0x64 mov [rsp+0x20],rcx
    "e8922f0000"      // +0x69 call memmove
    "488b4c2420"      // +0x6e mov rcx,[rsp+0x20]
    "488b742450"      // +0x73 mov rsi,[rsp+0x50]
    "48018e18010000"  // +0x78 add [rsi+0x118],rcx
    "4885c9"          // +0x7f test rcx,rcx
    "7418"            // +0x82 je +0x9c
    "4883f910"        // +0x84 cmp rcx,0x10
    "7724"            // +0x88 ja +0xae
    "48894c2428"      // +0x8a mov [rsp+0x28],rcx
    "4889f0"          // +0x8f mov rax,rsi
    "e8691f0000"      // +0x92 call record
    "488b4c2428"      // +0x97 mov rcx,[rsp+0x28]
    "48394c2460"      // +0x9c cmp [rsp+0x60],rcx
    "7f8c"            // +0xa1 jg +0x2f
    "4889c8"          // +0xa3 mov rax,rcx
    "31db"            // +0xa6 xor ebx,ebx
    "4883c440"        // +0xa8 add rsp,0x40
    "5d"              // +0xac pop rbp
    "c3"              // +0xad ret
    "4889c8"          // +0xae mov rax,rcx
    "e84a5f0000"      // +0xb1 call panic_slice
    "31c0"            // +0xb6 xor eax,eax
    "bb01000000"      // +0xb8 mov ebx,0x1
    "4883c440"        // +0xbd add rsp,0x40
    "5d"              // +0xc1 pop rbp
    "c3"              // +0xc2 ret
    "4889442408"      // +0xc3 mov [rsp+0x8],rax
    "48895c2410"      // +0xc8 mov [rsp+0x10],rbx
    "48894c2418"      // +0xcd mov [rsp+0x18],rcx
    "e8293f0000"      // +0xd2 call morestack
    "488b442408"      // +0xd7 mov rax,[rsp+0x8]
    "488b5c2410"      // +0xdc mov rbx,[rsp+0x10]
    "488b4c2418"      // +0xe1 mov rcx,[rsp+0x18]
    "e915ffffff";     // +0xe6 jmp +0x0

// The result is something else than what is known at the site.
inline constexpr std::string_view kReadChangesN =
    "493b6610"        // +0x0 cmp rsp,[r14+0x10]
    "0f86b3000000"    // +0x4 jbe +0xbd
    "55"              // +0xa push rbp
    "4889e5"          // +0xb mov rbp,rsp
    "4883ec40"        // +0xe sub rsp,0x40
    "4889442450"      // +0x12 mov [rsp+0x50],rax
    "48895c2458"      // +0x17 mov [rsp+0x58],rbx
    "48894c2460"      // +0x1c mov [rsp+0x60],rcx
    "e8da0f0000"      // +0x21 call handshake
    "4885c0"          // +0x26 test rax,rax
    "0f8581000000"    // +0x29 jne +0xb0
    "488b742450"      // +0x2f mov rsi,[rsp+0x50]
    "488bbe18010000"  // +0x34 mov rdi,[rsi+0x118]
    "483bbe08010000"  // +0x3b cmp rdi,[rsi+0x108]
    "7c0f"            // +0x42 jl +0x53
    "4889f0"          // +0x44 mov rax,rsi
    "e8b41f0000"      // +0x47 call record
    "4885c0"          // +0x4c test rax,rax
    "74de"            // +0x4f je +0x2f
    "eb5d"            // +0x51 jmp +0xb0
    "488b9e00010000"  // +0x53 mov rbx,[rsi+0x100]
    "488b442458"      // +0x5a mov rax,[rsp+0x58]
    "488b4c2460"      // +0x5f mov rcx,[rsp+0x60]
    "48894c2420"      // +0x64 mov [rsp+0x20],rcx
    "e8922f0000"      // +0x69 call memmove
    "488b4c2420"      // +0x6e mov rcx,[rsp+0x20]
    "488b742450"      // +0x73 mov rsi,[rsp+0x50]
    "48018e18010000"  // +0x78 add [rsi+0x118],rcx
    "4885c9"          // +0x7f test rcx,rcx
    "7418"            // +0x82 je +0x9c
    "4883f910"        // +0x84 cmp rcx,0x10
    "771e"            // +0x88 ja +0xa8
    "48894c2428"      // +0x8a mov [rsp+0x28],rcx
    "4889f0"          // +0x8f mov rax,rsi
    "e8691f0000"      // +0x92 call record
    "488b4c2428"      // +0x97 mov rcx,[rsp+0x28]
    "488d0409"        // +0x9c lea rax,[rcx+rcx*1]
    "31db"            // +0xa0 xor ebx,ebx
    "4883c440"        // +0xa2 add rsp,0x40
    "5d"              // +0xa6 pop rbp
    "c3"              // +0xa7 ret
    "4889c8"          // +0xa8 mov rax,rcx
    "e8505f0000"      // +0xab call panic_slice
    "31c0"            // +0xb0 xor eax,eax
    "bb01000000"      // +0xb2 mov ebx,0x1
    "4883c440"        // +0xb7 add rsp,0x40
    "5d"              // +0xbb pop rbp
    "c3"              // +0xbc ret
    "4889442408"      // +0xbd mov [rsp+0x8],rax
    "48895c2410"      // +0xc2 mov [rsp+0x10],rbx
    "48894c2418"      // +0xc7 mov [rsp+0x18],rcx
    "e82f3f0000"      // +0xcc call morestack
    "488b442408"      // +0xd1 mov rax,[rsp+0x8]
    "488b5c2410"      // +0xd6 mov rbx,[rsp+0x10]
    "488b4c2418"      // +0xdb mov rcx,[rsp+0x18]
    "e91bffffff";     // +0xe0 jmp +0x0

// Two ways with a result, and no instruction that both of them pass.
inline constexpr std::string_view kReadTwoCopies =
    "493b6610"     // +0x0 cmp rsp,[r14+0x10]
    "7667"         // +0x4 jbe +0x6d
    "55"           // +0x6 push rbp
    "4889e5"       // +0x7 mov rbp,rsp
    "4883ec40"     // +0xa sub rsp,0x40
    "4889442450"   // +0xe mov [rsp+0x50],rax
    "48895c2458"   // +0x13 mov [rsp+0x58],rbx
    "48894c2460"   // +0x18 mov [rsp+0x60],rcx
    "e8de0f0000"   // +0x1d call handshake
    "4885c0"       // +0x22 test rax,rax
    "7539"         // +0x25 jne +0x60
    "4885c9"       // +0x27 test rcx,rcx
    "741b"         // +0x2a je +0x47
    "488b742450"   // +0x2c mov rsi,[rsp+0x50]
    "488b4e10"     // +0x31 mov rcx,[rsi+0x10]
    "4885c9"       // +0x35 test rcx,rcx
    "740b"         // +0x38 je +0x45
    "4889c8"       // +0x3a mov rax,rcx
    "31db"         // +0x3d xor ebx,ebx
    "4883c440"     // +0x3f add rsp,0x40
    "5d"           // +0x43 pop rbp
    "c3"           // +0x44 ret
    "eb19"         // +0x45 jmp +0x60
    "488b742450"   // +0x47 mov rsi,[rsp+0x50]
    "488b5618"     // +0x4c mov rdx,[rsi+0x18]
    "4885d2"       // +0x50 test rdx,rdx
    "740b"         // +0x53 je +0x60
    "4889d0"       // +0x55 mov rax,rdx
    "31db"         // +0x58 xor ebx,ebx
    "4883c440"     // +0x5a add rsp,0x40
    "5d"           // +0x5e pop rbp
    "c3"           // +0x5f ret
    "31c0"         // +0x60 xor eax,eax
    "bb01000000"   // +0x62 mov ebx,0x1
    "4883c440"     // +0x67 add rsp,0x40
    "5d"           // +0x6b pop rbp
    "c3"           // +0x6c ret
    "4889442408"   // +0x6d mov [rsp+0x8],rax
    "48895c2410"   // +0x72 mov [rsp+0x10],rbx
    "48894c2418"   // +0x77 mov [rsp+0x18],rcx
    "e87f3f0000"   // +0x7c call morestack
    "488b442408"   // +0x81 mov rax,[rsp+0x8]
    "488b5c2410"   // +0x86 mov rbx,[rsp+0x10]
    "488b4c2418"   // +0x8b mov rcx,[rsp+0x18]
    "e96bffffff";  // +0x90 jmp +0x0

// A jump table.
inline constexpr std::string_view kReadIndirectJump =
    "493b6610"    // +0x0 cmp rsp,[r14+0x10]
    "7630"        // +0x4 jbe +0x36
    "55"          // +0x6 push rbp
    "4889e5"      // +0x7 mov rbp,rsp
    "4883ec40"    // +0xa sub rsp,0x40
    "4889442450"  // +0xe mov [rsp+0x50],rax
    "48895c2458"  // +0x13 mov [rsp+0x58],rbx
    "48894c2460"  // +0x18 mov [rsp+0x60],rcx
    "e8de0f0000"  // +0x1d call handshake
    "4885c0"      // +0x22 test rax,rax
    "7502"        // +0x25 jne +0x29
    "ffe0"        // +0x27 jmp rax
    "31c0"        // +0x29 xor eax,eax
    "bb01000000"  // +0x2b mov ebx,0x1
    "4883c440"    // +0x30 add rsp,0x40
    "5d"          // +0x34 pop rbp
    "c3"          // +0x35 ret
    "4889442408"  // +0x36 mov [rsp+0x8],rax
    "48895c2410"  // +0x3b mov [rsp+0x10],rbx
    "48894c2418"  // +0x40 mov [rsp+0x18],rcx
    "e8b63f0000"  // +0x45 call morestack
    "488b442408"  // +0x4a mov rax,[rsp+0x8]
    "488b5c2410"  // +0x4f mov rbx,[rsp+0x10]
    "488b4c2418"  // +0x54 mov rcx,[rsp+0x18]
    "eba5";       // +0x59 jmp +0x0

}  // namespace gotls
