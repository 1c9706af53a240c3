// profile writes a CPU profile of traffic through crypto/tls, for builds that the compiler guides by one:
// profile FILE
package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/pprof"

	"gotls.test/targets/scenario"
)

const rounds = 60000

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "profile:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	cert, err := scenario.SelfSigned()
	if err != nil {
		return err
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	go echo(l)
	if err := talk(l.Addr().String()); err != nil {
		return err
	}
	pprof.StopCPUProfile()
	return file.Close()
}

func echo(l net.Listener) {
	c, err := l.Accept()
	if err == nil {
		io.Copy(c, c)
	}
}

func talk(address string) error {
	c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		return err
	}
	defer c.Close()
	buffer := make([]byte, 300)
	for i := 0; i < rounds; i++ {
		if _, err := c.Write(buffer); err != nil {
			return err
		}
		if _, err := io.ReadFull(c, buffer); err != nil {
			return err
		}
	}
	return nil
}
