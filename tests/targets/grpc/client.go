package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	pb "google.golang.org/grpc/test/grpc_testing"

	"gotls.test/targets/service"
)

// caller makes calls over one connection.
type caller struct {
	conn   *grpc.ClientConn
	stub   pb.TestServiceClient
	number int
	phase  string
}

func (c *caller) context(label string, more ...string) context.Context {
	c.number++
	pairs := append([]string{"x-call", fmt.Sprintf("%s-%d", c.phase, c.number), "x-label", label}, more...)
	return metadata.AppendToOutgoingContext(context.Background(), pairs...)
}

func want(err error, code codes.Code, what string) error {
	if got := status.Code(err); got != code {
		return fmt.Errorf("%s: %v (%v), not %v", what, got, err, code)
	}
	return nil
}

func (c *caller) unary(label string, up, down int32, more ...string) error {
	q := &pb.SimpleRequest{ResponseSize: down, Payload: payload(up), FillUsername: true}
	_, err := c.stub.UnaryCall(c.context(label, more...), q)
	if down < 0 {
		return want(err, codes.InvalidArgument, label)
	}
	return err
}

func sizes(all ...int32) []*pb.ResponseParameters {
	var list []*pb.ResponseParameters
	for _, size := range all {
		list = append(list, &pb.ResponseParameters{Size: size})
	}
	return list
}

func (c *caller) download(label string, all ...int32) error {
	stream, err := c.stub.StreamingOutputCall(c.context(label), &pb.StreamingOutputCallRequest{ResponseParameters: sizes(all...)})
	if err != nil {
		return err
	}
	for {
		if _, err := stream.Recv(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func (c *caller) upload(label string, all ...int32) error {
	stream, err := c.stub.StreamingInputCall(c.context(label))
	if err != nil {
		return err
	}
	for _, size := range all {
		if err := stream.Send(&pb.StreamingInputCallRequest{Payload: payload(size)}); err != nil {
			return err
		}
	}
	_, err = stream.CloseAndRecv()
	return err
}

// talk sends a message and waits for its answers, again and again.
func (c *caller) talk(label string, all ...int32) error {
	stream, err := c.stub.FullDuplexCall(c.context(label))
	if err != nil {
		return err
	}
	for _, size := range all {
		q := &pb.StreamingOutputCallRequest{ResponseParameters: sizes(size, 3), Payload: payload(size / 2)}
		if err := stream.Send(q); err != nil {
			return err
		}
		for i := 0; i < 2; i++ {
			if _, err := stream.Recv(); err != nil {
				return err
			}
		}
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	if _, err := stream.Recv(); err != io.EOF {
		return fmt.Errorf("%s: %v", label, err)
	}
	return nil
}

// failures are calls that end badly.
func (c *caller) failures() error {
	_, err := c.stub.EmptyCall(c.context("error"), &pb.Empty{})
	if err := want(err, codes.FailedPrecondition, "error"); err != nil {
		return err
	}
	err = c.conn.Invoke(c.context("unknown"), "/grpc.testing.TestService/NoSuchCall", &pb.Empty{}, &pb.Empty{})
	if err := want(err, codes.Unimplemented, "unknown"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.context("deadline"), 300*time.Millisecond)
	defer cancel()
	_, err = c.stub.EmptyCall(ctx, &pb.Empty{})
	if err := want(err, codes.DeadlineExceeded, "deadline"); err != nil {
		return err
	}
	ctx, cancel = context.WithCancel(c.context("leave"))
	defer cancel()
	stream, err := c.stub.StreamingOutputCall(ctx, &pb.StreamingOutputCallRequest{})
	if err != nil {
		return err
	}
	for i := 0; i < 3; i++ {
		if _, err := stream.Recv(); err != nil {
			return err
		}
	}
	cancel()
	for err == nil {
		_, err = stream.Recv()
	}
	return want(err, codes.Canceled, "leave")
}

func (c *caller) compressed() error {
	q := &pb.SimpleRequest{ResponseSize: 50000, Payload: &pb.Payload{Body: service.Text(3, 30000)}}
	_, err := c.stub.UnaryCall(c.context("gzip"), q, grpc.UseCompressor(gzip.Name))
	return err
}

// crowd makes calls at the same time, over the same connection.
func (c *caller) crowd(count int) error {
	errs := make(chan error, count)
	for i := 0; i < count; i++ {
		ctx := c.context("crowd")
		q := &pb.SimpleRequest{ResponseSize: int32(3000 * i), Payload: payload(int32(20000 - 1000*i))}
		go func() {
			_, err := c.stub.UnaryCall(ctx, q)
			errs <- err
		}()
	}
	for i := 0; i < count; i++ {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

func (c *caller) all() error {
	ctx, cancel := context.WithTimeout(c.context("empty"), time.Minute)
	defer cancel()
	if _, err := c.stub.EmptyCall(ctx, &pb.Empty{}); err != nil {
		return err
	}
	steps := []func() error{
		func() error { return c.unary("unary", 10, 20, "x-note", "hello", "x-raw-bin", "\x00\x80\xff") },
		func() error { return c.unary("unary", 0, 0) },
		func() error { return c.unary("unary", 16379, 16384) },
		func() error { return c.unary("unary", 1<<20, 2<<20) },
		func() error { return c.unary("unary", 10, -1) },
		func() error { return c.download("download", 0, 1, 5, 20000, 300000, 7) },
		func() error { return c.download("download") },
		func() error { return c.upload("upload", 0, 1, 5, 20000, 300000, 7) },
		func() error { return c.upload("upload") },
		func() error { return c.talk("talk", 1, 1000, 100000, 2) },
		c.compressed,
		func() error { return c.crowd(12) },
		c.failures,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
