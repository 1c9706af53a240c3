// Assembled bodies for lean_write_test.cc and planner_test.cc, with a listing beside the bytes.
// Register ABI.
#pragma once

#include <string_view>

namespace gotls {

// A Write as Go makes it, without the split of TLS 1.0.
inline constexpr std::string_view kWrite =
    "493b6610"     // +0x0 cmp rsp,[r14+0x10]
    "766e"         // +0x4 jbe +0x74
    "55"           // +0x6 push rbp
    "4889e5"       // +0x7 mov rbp,rsp
    "4883ec40"     // +0xa sub rsp,0x40
    "4889442450"   // +0xe mov [rsp+0x50],rax
    "48895c2458"   // +0x13 mov [rsp+0x58],rbx
    "48894c2460"   // +0x18 mov [rsp+0x60],rcx
    "e8de0f0000"   // +0x1d call handshake
    "4885c0"       // +0x22 test rax,rax
    "7540"         // +0x25 jne +0x67
    "488b442450"   // +0x27 mov rax,[rsp+0x50]
    "bb17000000"   // +0x2c mov ebx,0x17
    "488b4c2458"   // +0x31 mov rcx,[rsp+0x58]
    "488b7c2460"   // +0x36 mov rdi,[rsp+0x60]
    "4889fe"       // +0x3b mov rsi,rdi
    "e8bd4f0000"   // +0x3e call write_record
    "4889442428"   // +0x43 mov [rsp+0x28],rax
    "48895c2430"   // +0x48 mov [rsp+0x30],rbx
    "488b442450"   // +0x4d mov rax,[rsp+0x50]
    "e8a92f0000"   // +0x52 call memmove
    "488b442428"   // +0x57 mov rax,[rsp+0x28]
    "488b5c2430"   // +0x5c mov rbx,[rsp+0x30]
    "4883c440"     // +0x61 add rsp,0x40
    "5d"           // +0x65 pop rbp
    "c3"           // +0x66 ret
    "31c0"         // +0x67 xor eax,eax
    "bb01000000"   // +0x69 mov ebx,0x1
    "4883c440"     // +0x6e add rsp,0x40
    "5d"           // +0x72 pop rbp
    "c3"           // +0x73 ret
    "4889442408"   // +0x74 mov [rsp+0x8],rax
    "48895c2410"   // +0x79 mov [rsp+0x10],rbx
    "48894c2418"   // +0x7e mov [rsp+0x18],rcx
    "e8783f0000"   // +0x83 call morestack
    "488b442408"   // +0x88 mov rax,[rsp+0x8]
    "488b5c2410"   // +0x8d mov rbx,[rsp+0x10]
    "488b4c2418"   // +0x92 mov rcx,[rsp+0x18]
    "e964ffffff";  // +0x97 jmp +0x0

// With it: b[:1], then b[1:].
inline constexpr std::string_view kWriteSplit =
    "493b6610"      // +0x0 cmp rsp,[r14+0x10]
    "0f86c0000000"  // +0x4 jbe +0xca
    "55"            // +0xa push rbp
    "4889e5"        // +0xb mov rbp,rsp
    "4883ec40"      // +0xe sub rsp,0x40
    "4889442450"    // +0x12 mov [rsp+0x50],rax
    "48895c2458"    // +0x17 mov [rsp+0x58],rbx
    "48894c2460"    // +0x1c mov [rsp+0x60],rcx
    "e8da0f0000"    // +0x21 call handshake
    "4885c0"        // +0x26 test rax,rax
    "0f858e000000"  // +0x29 jne +0xbd
    "488b742450"    // +0x2f mov rsi,[rsp+0x50]
    "488b7c2460"    // +0x34 mov rdi,[rsp+0x60]
    "488b4c2458"    // +0x39 mov rcx,[rsp+0x58]
    "31d2"          // +0x3e xor edx,edx
    "4883ff01"      // +0x40 cmp rdi,0x1
    "7e3a"          // +0x44 jle +0x80
    "4889f0"        // +0x46 mov rax,rsi
    "bb17000000"    // +0x49 mov ebx,0x17
    "bf01000000"    // +0x4e mov edi,0x1
    "e8a84f0000"    // +0x53 call write_record
    "4885db"        // +0x58 test rbx,rbx
    "753c"          // +0x5b jne +0x99
    "488b4c2458"    // +0x5d mov rcx,[rsp+0x58]
    "488b7c2460"    // +0x62 mov rdi,[rsp+0x60]
    "48ffcf"        // +0x67 dec rdi
    "4989f8"        // +0x6a mov r8,rdi
    "49f7d8"        // +0x6d neg r8
    "49c1f83f"      // +0x70 sar r8,0x3f
    "4183e001"      // +0x74 and r8d,0x1
    "4c01c1"        // +0x78 add rcx,r8
    "ba01000000"    // +0x7b mov edx,0x1
    "4889542438"    // +0x80 mov [rsp+0x38],rdx
    "488b442450"    // +0x85 mov rax,[rsp+0x50]
    "bb17000000"    // +0x8a mov ebx,0x17
    "e86c4f0000"    // +0x8f call write_record
    "4803442438"    // +0x94 add rax,[rsp+0x38]
    "4889442428"    // +0x99 mov [rsp+0x28],rax
    "48895c2430"    // +0x9e mov [rsp+0x30],rbx
    "488b442450"    // +0xa3 mov rax,[rsp+0x50]
    "e8532f0000"    // +0xa8 call memmove
    "488b442428"    // +0xad mov rax,[rsp+0x28]
    "488b5c2430"    // +0xb2 mov rbx,[rsp+0x30]
    "4883c440"      // +0xb7 add rsp,0x40
    "5d"            // +0xbb pop rbp
    "c3"            // +0xbc ret
    "31c0"          // +0xbd xor eax,eax
    "bb01000000"    // +0xbf mov ebx,0x1
    "4883c440"      // +0xc4 add rsp,0x40
    "5d"            // +0xc8 pop rbp
    "c3"            // +0xc9 ret
    "4889442408"    // +0xca mov [rsp+0x8],rax
    "48895c2410"    // +0xcf mov [rsp+0x10],rbx
    "48894c2418"    // +0xd4 mov [rsp+0x18],rcx
    "e8223f0000"    // +0xd9 call morestack
    "488b442408"    // +0xde mov rax,[rsp+0x8]
    "488b5c2410"    // +0xe3 mov rbx,[rsp+0x10]
    "488b4c2418"    // +0xe8 mov rcx,[rsp+0x18]
    "e90effffff";   // +0xed jmp +0x0

// It sends an alert.
inline constexpr std::string_view kWriteOtherType =
    "493b6610"     // +0x0 cmp rsp,[r14+0x10]
    "766e"         // +0x4 jbe +0x74
    "55"           // +0x6 push rbp
    "4889e5"       // +0x7 mov rbp,rsp
    "4883ec40"     // +0xa sub rsp,0x40
    "4889442450"   // +0xe mov [rsp+0x50],rax
    "48895c2458"   // +0x13 mov [rsp+0x58],rbx
    "48894c2460"   // +0x18 mov [rsp+0x60],rcx
    "e8de0f0000"   // +0x1d call handshake
    "4885c0"       // +0x22 test rax,rax
    "7540"         // +0x25 jne +0x67
    "488b442450"   // +0x27 mov rax,[rsp+0x50]
    "bb15000000"   // +0x2c mov ebx,0x15
    "488b4c2458"   // +0x31 mov rcx,[rsp+0x58]
    "488b7c2460"   // +0x36 mov rdi,[rsp+0x60]
    "4889fe"       // +0x3b mov rsi,rdi
    "e8bd4f0000"   // +0x3e call write_record
    "4889442428"   // +0x43 mov [rsp+0x28],rax
    "48895c2430"   // +0x48 mov [rsp+0x30],rbx
    "488b442450"   // +0x4d mov rax,[rsp+0x50]
    "e8a92f0000"   // +0x52 call memmove
    "488b442428"   // +0x57 mov rax,[rsp+0x28]
    "488b5c2430"   // +0x5c mov rbx,[rsp+0x30]
    "4883c440"     // +0x61 add rsp,0x40
    "5d"           // +0x65 pop rbp
    "c3"           // +0x66 ret
    "31c0"         // +0x67 xor eax,eax
    "bb01000000"   // +0x69 mov ebx,0x1
    "4883c440"     // +0x6e add rsp,0x40
    "5d"           // +0x72 pop rbp
    "c3"           // +0x73 ret
    "4889442408"   // +0x74 mov [rsp+0x8],rax
    "48895c2410"   // +0x79 mov [rsp+0x10],rbx
    "48894c2418"   // +0x7e mov [rsp+0x18],rcx
    "e8783f0000"   // +0x83 call morestack
    "488b442408"   // +0x88 mov rax,[rsp+0x8]
    "488b5c2410"   // +0x8d mov rbx,[rsp+0x10]
    "488b4c2418"   // +0x92 mov rcx,[rsp+0x18]
    "e964ffffff";  // +0x97 jmp +0x0

inline constexpr std::string_view kWriteUnknownType =
    "493b6610"     // +0x0 cmp rsp,[r14+0x10]
    "766d"         // +0x4 jbe +0x73
    "55"           // +0x6 push rbp
    "4889e5"       // +0x7 mov rbp,rsp
    "4883ec40"     // +0xa sub rsp,0x40
    "4889442450"   // +0xe mov [rsp+0x50],rax
    "48895c2458"   // +0x13 mov [rsp+0x58],rbx
    "48894c2460"   // +0x18 mov [rsp+0x60],rcx
    "e8de0f0000"   // +0x1d call handshake
    "4885c0"       // +0x22 test rax,rax
    "753f"         // +0x25 jne +0x66
    "488b442450"   // +0x27 mov rax,[rsp+0x50]
    "8b5c2420"     // +0x2c mov ebx,DWORD PTR [rsp+0x20]
    "488b4c2458"   // +0x30 mov rcx,[rsp+0x58]
    "488b7c2460"   // +0x35 mov rdi,[rsp+0x60]
    "4889fe"       // +0x3a mov rsi,rdi
    "e8be4f0000"   // +0x3d call write_record
    "4889442428"   // +0x42 mov [rsp+0x28],rax
    "48895c2430"   // +0x47 mov [rsp+0x30],rbx
    "488b442450"   // +0x4c mov rax,[rsp+0x50]
    "e8aa2f0000"   // +0x51 call memmove
    "488b442428"   // +0x56 mov rax,[rsp+0x28]
    "488b5c2430"   // +0x5b mov rbx,[rsp+0x30]
    "4883c440"     // +0x60 add rsp,0x40
    "5d"           // +0x64 pop rbp
    "c3"           // +0x65 ret
    "31c0"         // +0x66 xor eax,eax
    "bb01000000"   // +0x68 mov ebx,0x1
    "4883c440"     // +0x6d add rsp,0x40
    "5d"           // +0x71 pop rbp
    "c3"           // +0x72 ret
    "4889442408"   // +0x73 mov [rsp+0x8],rax
    "48895c2410"   // +0x78 mov [rsp+0x10],rbx
    "48894c2418"   // +0x7d mov [rsp+0x18],rcx
    "e8793f0000"   // +0x82 call morestack
    "488b442408"   // +0x87 mov rax,[rsp+0x8]
    "488b5c2410"   // +0x8c mov rbx,[rsp+0x10]
    "488b4c2418"   // +0x91 mov rcx,[rsp+0x18]
    "e965ffffff";  // +0x96 jmp +0x0

inline constexpr std::string_view kWriteOtherReceiver =
    "493b6610"     // +0x0 cmp rsp,[r14+0x10]
    "7671"         // +0x4 jbe +0x77
    "55"           // +0x6 push rbp
    "4889e5"       // +0x7 mov rbp,rsp
    "4883ec40"     // +0xa sub rsp,0x40
    "4889442450"   // +0xe mov [rsp+0x50],rax
    "48895c2458"   // +0x13 mov [rsp+0x58],rbx
    "48894c2460"   // +0x18 mov [rsp+0x60],rcx
    "e8de0f0000"   // +0x1d call handshake
    "4885c0"       // +0x22 test rax,rax
    "7543"         // +0x25 jne +0x6a
    "488b442450"   // +0x27 mov rax,[rsp+0x50]
    "488b00"       // +0x2c mov rax,[rax]
    "bb17000000"   // +0x2f mov ebx,0x17
    "488b4c2458"   // +0x34 mov rcx,[rsp+0x58]
    "488b7c2460"   // +0x39 mov rdi,[rsp+0x60]
    "4889fe"       // +0x3e mov rsi,rdi
    "e8ba4f0000"   // +0x41 call write_record
    "4889442428"   // +0x46 mov [rsp+0x28],rax
    "48895c2430"   // +0x4b mov [rsp+0x30],rbx
    "488b442450"   // +0x50 mov rax,[rsp+0x50]
    "e8a62f0000"   // +0x55 call memmove
    "488b442428"   // +0x5a mov rax,[rsp+0x28]
    "488b5c2430"   // +0x5f mov rbx,[rsp+0x30]
    "4883c440"     // +0x64 add rsp,0x40
    "5d"           // +0x68 pop rbp
    "c3"           // +0x69 ret
    "31c0"         // +0x6a xor eax,eax
    "bb01000000"   // +0x6c mov ebx,0x1
    "4883c440"     // +0x71 add rsp,0x40
    "5d"           // +0x75 pop rbp
    "c3"           // +0x76 ret
    "4889442408"   // +0x77 mov [rsp+0x8],rax
    "48895c2410"   // +0x7c mov [rsp+0x10],rbx
    "48894c2418"   // +0x81 mov [rsp+0x18],rcx
    "e8753f0000"   // +0x86 call morestack
    "488b442408"   // +0x8b mov rax,[rsp+0x8]
    "488b5c2410"   // +0x90 mov rbx,[rsp+0x10]
    "488b4c2418"   // +0x95 mov rcx,[rsp+0x18]
    "e961ffffff";  // +0x9a jmp +0x0

inline constexpr std::string_view kWriteOtherData =
    "493b6610"     // +0x0 cmp rsp,[r14+0x10]
    "7672"         // +0x4 jbe +0x78
    "55"           // +0x6 push rbp
    "4889e5"       // +0x7 mov rbp,rsp
    "4883ec40"     // +0xa sub rsp,0x40
    "4889442450"   // +0xe mov [rsp+0x50],rax
    "48895c2458"   // +0x13 mov [rsp+0x58],rbx
    "48894c2460"   // +0x18 mov [rsp+0x60],rcx
    "e8de0f0000"   // +0x1d call handshake
    "4885c0"       // +0x22 test rax,rax
    "7544"         // +0x25 jne +0x6b
    "488b442450"   // +0x27 mov rax,[rsp+0x50]
    "bb17000000"   // +0x2c mov ebx,0x17
    "488b4c2458"   // +0x31 mov rcx,[rsp+0x58]
    "4883c102"     // +0x36 add rcx,0x2
    "488b7c2460"   // +0x3a mov rdi,[rsp+0x60]
    "4889fe"       // +0x3f mov rsi,rdi
    "e8b94f0000"   // +0x42 call write_record
    "4889442428"   // +0x47 mov [rsp+0x28],rax
    "48895c2430"   // +0x4c mov [rsp+0x30],rbx
    "488b442450"   // +0x51 mov rax,[rsp+0x50]
    "e8a52f0000"   // +0x56 call memmove
    "488b442428"   // +0x5b mov rax,[rsp+0x28]
    "488b5c2430"   // +0x60 mov rbx,[rsp+0x30]
    "4883c440"     // +0x65 add rsp,0x40
    "5d"           // +0x69 pop rbp
    "c3"           // +0x6a ret
    "31c0"         // +0x6b xor eax,eax
    "bb01000000"   // +0x6d mov ebx,0x1
    "4883c440"     // +0x72 add rsp,0x40
    "5d"           // +0x76 pop rbp
    "c3"           // +0x77 ret
    "4889442408"   // +0x78 mov [rsp+0x8],rax
    "48895c2410"   // +0x7d mov [rsp+0x10],rbx
    "48894c2418"   // +0x82 mov [rsp+0x18],rcx
    "e8743f0000"   // +0x87 call morestack
    "488b442408"   // +0x8c mov rax,[rsp+0x8]
    "488b5c2410"   // +0x91 mov rbx,[rsp+0x10]
    "488b4c2418"   // +0x96 mov rcx,[rsp+0x18]
    "e960ffffff";  // +0x9b jmp +0x0

inline constexpr std::string_view kWriteOtherLength =
    "493b6610"     // +0x0 cmp rsp,[r14+0x10]
    "766e"         // +0x4 jbe +0x74
    "55"           // +0x6 push rbp
    "4889e5"       // +0x7 mov rbp,rsp
    "4883ec40"     // +0xa sub rsp,0x40
    "4889442450"   // +0xe mov [rsp+0x50],rax
    "48895c2458"   // +0x13 mov [rsp+0x58],rbx
    "48894c2460"   // +0x18 mov [rsp+0x60],rcx
    "e8de0f0000"   // +0x1d call handshake
    "4885c0"       // +0x22 test rax,rax
    "7540"         // +0x25 jne +0x67
    "488b442450"   // +0x27 mov rax,[rsp+0x50]
    "bb17000000"   // +0x2c mov ebx,0x17
    "488b4c2458"   // +0x31 mov rcx,[rsp+0x58]
    "488b7c2420"   // +0x36 mov rdi,[rsp+0x20]
    "4889fe"       // +0x3b mov rsi,rdi
    "e8bd4f0000"   // +0x3e call write_record
    "4889442428"   // +0x43 mov [rsp+0x28],rax
    "48895c2430"   // +0x48 mov [rsp+0x30],rbx
    "488b442450"   // +0x4d mov rax,[rsp+0x50]
    "e8a92f0000"   // +0x52 call memmove
    "488b442428"   // +0x57 mov rax,[rsp+0x28]
    "488b5c2430"   // +0x5c mov rbx,[rsp+0x30]
    "4883c440"     // +0x61 add rsp,0x40
    "5d"           // +0x65 pop rbp
    "c3"           // +0x66 ret
    "31c0"         // +0x67 xor eax,eax
    "bb01000000"   // +0x69 mov ebx,0x1
    "4883c440"     // +0x6e add rsp,0x40
    "5d"           // +0x72 pop rbp
    "c3"           // +0x73 ret
    "4889442408"   // +0x74 mov [rsp+0x8],rax
    "48895c2410"   // +0x79 mov [rsp+0x10],rbx
    "48894c2418"   // +0x7e mov [rsp+0x18],rcx
    "e8783f0000"   // +0x83 call morestack
    "488b442408"   // +0x88 mov rax,[rsp+0x8]
    "488b5c2410"   // +0x8d mov rbx,[rsp+0x10]
    "488b4c2418"   // +0x92 mov rcx,[rsp+0x18]
    "e964ffffff";  // +0x97 jmp +0x0

// One way says that all was written, and wrote nothing.
inline constexpr std::string_view kWriteUncovered =
    "493b6610"      // +0x0 cmp rsp,[r14+0x10]
    "0f8686000000"  // +0x4 jbe +0x90
    "55"            // +0xa push rbp
    "4889e5"        // +0xb mov rbp,rsp
    "4883ec40"      // +0xe sub rsp,0x40
    "4889442450"    // +0x12 mov [rsp+0x50],rax
    "48895c2458"    // +0x17 mov [rsp+0x58],rbx
    "48894c2460"    // +0x1c mov [rsp+0x60],rcx
    "e8da0f0000"    // +0x21 call handshake
    "4885c0"        // +0x26 test rax,rax
    "7558"          // +0x29 jne +0x83
    "488b542450"    // +0x2b mov rdx,[rsp+0x50]
    "48833a00"      // +0x30 cmp [rdx],0x0
    "7440"          // +0x34 je +0x76
    "488b442450"    // +0x36 mov rax,[rsp+0x50]
    "bb17000000"    // +0x3b mov ebx,0x17
    "488b4c2458"    // +0x40 mov rcx,[rsp+0x58]
    "488b7c2460"    // +0x45 mov rdi,[rsp+0x60]
    "4889fe"        // +0x4a mov rsi,rdi
    "e8ae4f0000"    // +0x4d call write_record
    "4889442428"    // +0x52 mov [rsp+0x28],rax
    "48895c2430"    // +0x57 mov [rsp+0x30],rbx
    "488b442450"    // +0x5c mov rax,[rsp+0x50]
    "e89a2f0000"    // +0x61 call memmove
    "488b442428"    // +0x66 mov rax,[rsp+0x28]
    "488b5c2430"    // +0x6b mov rbx,[rsp+0x30]
    "4883c440"      // +0x70 add rsp,0x40
    "5d"            // +0x74 pop rbp
    "c3"            // +0x75 ret
    "488b442460"    // +0x76 mov rax,[rsp+0x60]
    "31db"          // +0x7b xor ebx,ebx
    "4883c440"      // +0x7d add rsp,0x40
    "5d"            // +0x81 pop rbp
    "c3"            // +0x82 ret
    "31c0"          // +0x83 xor eax,eax
    "bb01000000"    // +0x85 mov ebx,0x1
    "4883c440"      // +0x8a add rsp,0x40
    "5d"            // +0x8e pop rbp
    "c3"            // +0x8f ret
    "4889442408"    // +0x90 mov [rsp+0x8],rax
    "48895c2410"    // +0x95 mov [rsp+0x10],rbx
    "48894c2418"    // +0x9a mov [rsp+0x18],rcx
    "e85c3f0000"    // +0x9f call morestack
    "488b442408"    // +0xa4 mov rax,[rsp+0x8]
    "488b5c2410"    // +0xa9 mov rbx,[rsp+0x10]
    "488b4c2418"    // +0xae mov rcx,[rsp+0x18]
    "e948ffffff";   // +0xb3 jmp +0x0

// Returns: success, an error that was compared with nil, and something unknown.
inline constexpr std::string_view kWriteRecordLocked =
    "493b6610"     // +0x0 cmp rsp,[r14+0x10]
    "7657"         // +0x4 jbe +0x5d
    "55"           // +0x6 push rbp
    "4889e5"       // +0x7 mov rbp,rsp
    "4883ec40"     // +0xa sub rsp,0x40
    "4889442450"   // +0xe mov [rsp+0x50],rax
    "48895c2458"   // +0x13 mov [rsp+0x58],rbx
    "48894c2460"   // +0x18 mov [rsp+0x60],rcx
    "e8de0f0000"   // +0x1d call handshake
    "4885c0"       // +0x22 test rax,rax
    "7529"         // +0x25 jne +0x50
    "488b442458"   // +0x27 mov rax,[rsp+0x58]
    "e8cf2f0000"   // +0x2c call memmove
    "4885db"       // +0x31 test rbx,rbx
    "750f"         // +0x34 jne +0x45
    "488b442460"   // +0x36 mov rax,[rsp+0x60]
    "31db"         // +0x3b xor ebx,ebx
    "31c9"         // +0x3d xor ecx,ecx
    "4883c440"     // +0x3f add rsp,0x40
    "5d"           // +0x43 pop rbp
    "c3"           // +0x44 ret
    "488b442428"   // +0x45 mov rax,[rsp+0x28]
    "4883c440"     // +0x4a add rsp,0x40
    "5d"           // +0x4e pop rbp
    "c3"           // +0x4f ret
    "31c0"         // +0x50 xor eax,eax
    "488b5c2430"   // +0x52 mov rbx,[rsp+0x30]
    "4883c440"     // +0x57 add rsp,0x40
    "5d"           // +0x5b pop rbp
    "c3"           // +0x5c ret
    "4889442408"   // +0x5d mov [rsp+0x8],rax
    "48895c2410"   // +0x62 mov [rsp+0x10],rbx
    "48894c2418"   // +0x67 mov [rsp+0x18],rcx
    "e88f3f0000"   // +0x6c call morestack
    "488b442408"   // +0x71 mov rax,[rsp+0x8]
    "488b5c2410"   // +0x76 mov rbx,[rsp+0x10]
    "488b4c2418"   // +0x7b mov rcx,[rsp+0x18]
    "e97bffffff";  // +0x80 jmp +0x0

}  // namespace gotls
