//go:build target_cgo
// +build target_cgo

package main

// A use of C makes this a cgo program, that the system's linker puts together.

// static int target_answer(void) { return 42; }
import "C"

import "os"

func init() {
	if C.target_answer() != 42 {
		os.Exit(1)
	}
}
