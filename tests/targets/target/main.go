// The test target: makes TLS traffic of many shapes, and logs what its own code sent and received.
package main

import (
	"flag"
	"fmt"
	"os"

	"gotls.test/targets/scenario"
)

func main() {
	o := scenario.Defaults()
	list := flag.Bool("list", false, "print the scenarios and exit")
	flag.StringVar(&o.Scenario, "scenario", o.Scenario, "what to do")
	flag.StringVar(&o.TLS, "tls", o.TLS, "1.2 or 1.3")
	flag.StringVar(&o.Log, "log", o.Log, "append the truth to this file (default: stderr)")
	flag.StringVar(&o.Role, "role", o.Role, "both, server or client")
	flag.StringVar(&o.Listen, "listen", o.Listen, "address the server listens on (a path for Unix sockets)")
	flag.StringVar(&o.Connect, "connect", o.Connect, "address the client connects to, with -role client")
	flag.IntVar(&o.Repeat, "repeat", o.Repeat, "how many times")
	flag.BoolVar(&o.Hold, "hold", o.Hold, "after \"ready PID\" wait for a line on stdin, SIGUSR1 or -start-file")
	flag.StringVar(&o.StartFile, "start-file", o.StartFile, "wait until this file exists (implies -hold)")
	flag.DurationVar(&o.Delay, "delay", o.Delay, "pause between messages")
	flag.DurationVar(&o.For, "for", o.For, "how long endless scenarios run (0: until stdin ends or SIGTERM)")
	flag.DurationVar(&o.Timeout, "timeout", o.Timeout, "give up when not done after this long")
	flag.StringVar(&o.Child, "child", o.Child, "the scenario that spawn-child's child runs")
	flag.Int64Var(&o.Seed, "seed", o.Seed, "of the data")
	flag.Parse()
	if *list {
		scenario.List()
		return
	}
	if err := scenario.Execute(o); err != nil {
		fmt.Fprintf(os.Stderr, "target: %s: %v\n", o.Scenario, err)
		os.Exit(1)
	}
	fmt.Println("done")
}
