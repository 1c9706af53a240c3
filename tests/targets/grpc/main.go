// grpc: a gRPC service and its client in one program, with calls of all kinds. With -late: the connection is open, and has
// been used, before the start signal.
package main

import (
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	pb "google.golang.org/grpc/test/grpc_testing"

	"gotls.test/targets/service"
)

func main() { service.Main(run) }

func run(p *service.Program) error {
	if p.Role == "client" {
		return callAll(p, p.Connect)
	}
	l, err := net.Listen("tcp", p.Listen)
	if err != nil {
		return err
	}
	s := grpc.NewServer(grpc.Creds(credentials.NewTLS(p.ServerConfig("h2"))),
		grpc.StatsHandler(&recorder{program: p, side: "server"}))
	pb.RegisterTestServiceServer(s, server{})
	go s.Serve(l)
	defer s.GracefulStop() // all calls are in the log
	if p.Role == "server" {
		fmt.Println("listening", l.Addr())
		fmt.Println("ready")
		p.AwaitEnd()
		return nil
	}
	return callAll(p, l.Addr().String())
}

func callAll(p *service.Program, address string) error {
	conn, err := grpc.Dial(address, grpc.WithTransportCredentials(credentials.NewTLS(p.ClientConfig("h2"))),
		grpc.WithStatsHandler(&recorder{program: p, side: "client"}))
	if err != nil {
		return err
	}
	defer conn.Close()
	c := &caller{conn: conn, stub: pb.NewTestServiceClient(conn), phase: "before"}
	if p.Late {
		return late(p, c)
	}
	p.Ready()
	return c.all()
}

// late calls before the start signal, then the same again, then what was not called before.
func late(p *service.Program, c *caller) error {
	known := func() error {
		if err := c.unary("old", 10, 20, "x-before", "a value of before"); err != nil {
			return err
		}
		return c.download("old", 10, 2000)
	}
	if err := known(); err != nil {
		return err
	}
	if err := known(); err != nil {
		return err
	}
	p.Ready()
	c.phase = "after"
	steps := []func() error{
		known,
		func() error { return c.upload("new", 30, 40000) },
		func() error { return c.unary("new", 10, -1, "x-after", "a value of after") },
		func() error { return c.talk("new", 5, 50) },
		known,
		func() error { return c.upload("new", 1) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
