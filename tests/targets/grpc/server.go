package main

import (
	"context"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	pb "google.golang.org/grpc/test/grpc_testing"

	"gotls.test/targets/service"
)

// server answers as the service's description says: with payloads of the sizes that are asked for.
type server struct {
	pb.UnimplementedTestServiceServer
}

func payload(size int32) *pb.Payload {
	return &pb.Payload{Type: pb.PayloadType_UNCOMPRESSABLE, Body: service.Data(int64(size), int(size))}
}

func (server) EmptyCall(ctx context.Context, _ *pb.Empty) (*pb.Empty, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	switch first(md, "x-label") {
	case "deadline":
		<-ctx.Done()
		return nil, ctx.Err()
	case "error":
		grpc.SetTrailer(ctx, metadata.Pairs("x-reason", "not today", "x-raw-bin", "\x00\xff\x01"))
		return nil, status.Error(codes.FailedPrecondition, "größer als 100 % \"erlaubt\"\n")
	}
	return &pb.Empty{}, nil
}

func (server) UnaryCall(ctx context.Context, q *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	if q.ResponseSize < 0 {
		return nil, status.Error(codes.InvalidArgument, "a negative size")
	}
	return &pb.SimpleResponse{Payload: payload(q.ResponseSize), Username: "zoë", OauthScope: "none"}, nil
}

func (server) StreamingOutputCall(q *pb.StreamingOutputCallRequest, s pb.TestService_StreamingOutputCallServer) error {
	md, _ := metadata.FromIncomingContext(s.Context())
	for first(md, "x-label") == "leave" {
		if err := s.Send(&pb.StreamingOutputCallResponse{Payload: payload(100)}); err != nil {
			return err
		}
	}
	for _, p := range q.ResponseParameters {
		if err := s.Send(&pb.StreamingOutputCallResponse{Payload: payload(p.Size)}); err != nil {
			return err
		}
	}
	return nil
}

func (server) StreamingInputCall(s pb.TestService_StreamingInputCallServer) error {
	var sum int32
	for {
		q, err := s.Recv()
		if err == io.EOF {
			return s.SendAndClose(&pb.StreamingInputCallResponse{AggregatedPayloadSize: sum})
		}
		if err != nil {
			return err
		}
		sum += int32(len(q.GetPayload().GetBody()))
	}
}

func (server) FullDuplexCall(s pb.TestService_FullDuplexCallServer) error {
	for {
		q, err := s.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for _, p := range q.ResponseParameters {
			if err := s.Send(&pb.StreamingOutputCallResponse{Payload: payload(p.Size)}); err != nil {
				return err
			}
		}
	}
}
