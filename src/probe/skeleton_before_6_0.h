// The generated skeleton, which is C-style.
#pragma once

#include "bpf/event.h"  // types that it uses

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include "gotls_before_6_0.skel.h"
#pragma GCC diagnostic pop
