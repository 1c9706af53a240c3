# Toolchain file: builds for arm64 with Debian's cross compiler and the libraries that scripts/sysroot fetched.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

if(DEFINED ENV{GOTLS_CACHE})
  set(gotls_sysroot $ENV{GOTLS_CACHE}/sysroot/arm64)
else()
  set(gotls_sysroot $ENV{HOME}/.cache/gotls/sysroot/arm64)
endif()
# Not CMAKE_SYSROOT: the C library and its headers are the compiler's own.
set(CMAKE_FIND_ROOT_PATH ${gotls_sysroot})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
foreach(language C CXX)
  set(CMAKE_${language}_FLAGS_INIT
    "-isystem ${gotls_sysroot}/usr/include -isystem ${gotls_sysroot}/usr/include/aarch64-linux-gnu")
endforeach()
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${gotls_sysroot})
set(ENV{PKG_CONFIG_LIBDIR} ${gotls_sysroot}/usr/lib/aarch64-linux-gnu/pkgconfig:${gotls_sysroot}/usr/share/pkgconfig)
