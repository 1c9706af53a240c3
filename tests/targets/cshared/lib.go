// A C library written in Go that makes TLS traffic when its host asks for it.
package main

import "C"

import (
	"fmt"
	"os"

	"gotls.test/targets/scenario"
)

// run_scenario runs one scenario to its end; it returns 0 when all went well.
//
//export run_scenario
func run_scenario(name, version, log *C.char) C.int {
	o := scenario.Defaults()
	o.Scenario, o.TLS, o.Log = C.GoString(name), C.GoString(version), C.GoString(log)
	o.Embedded = true
	if err := scenario.Execute(o); err != nil {
		fmt.Fprintf(os.Stderr, "libtarget: %s: %v\n", o.Scenario, err)
		return 1
	}
	return 0
}

func main() {}
