package main

import (
	"context"
	"encoding/base64"
	"os"
	"sort"
	"strings"
	"sync"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"gotls.test/targets/service"
)

// call is one end's view of a call.
type call struct {
	PID      int               `json:"pid"`
	Kind     string            `json:"kind"` // "call"
	Side     string            `json:"side"` // "client" or "server"
	ID       string            `json:"id"`   // in the request's metadata, as x-call
	Label    string            `json:"label"`
	After    bool              `json:"after,omitempty"` // after the start signal, with -late
	Method   string            `json:"method"`
	Local    string            `json:"local"`
	Remote   string            `json:"remote"`
	Code     uint32            `json:"code"`
	Message  string            `json:"message"`
	Timeout  bool              `json:"timeout,omitempty"` // it had a deadline
	Coding   string            `json:"coding,omitempty"`  // of the messages that this end sent
	Sent     []*service.Amount `json:"sent"`              // uncompressed
	Received []*service.Amount `json:"received"`
	Metadata []service.Field   `json:"metadata"` // of the request
	Trailer  []service.Field   `json:"trailer"`
	Cut      bool              `json:"cut,omitempty"` // the client left
	mu       sync.Mutex
}

// recorder logs each call, at both ends, as gRPC's own statistics tell of it.
type recorder struct {
	program *service.Program
	side    string
}

type callKey struct{}

func (r *recorder) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (r *recorder) HandleConn(context.Context, stats.ConnStats)                       {}

func (r *recorder) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	c := &call{PID: os.Getpid(), Kind: "call", Side: r.side, Method: info.FullMethodName, Sent: []*service.Amount{},
		Received: []*service.Amount{}}
	var md metadata.MD
	if r.side == "client" {
		md, _ = metadata.FromOutgoingContext(ctx)
	} else {
		md, _ = metadata.FromIncomingContext(ctx)
	}
	c.ID, c.Label, c.After = first(md, "x-call"), first(md, "x-label"), strings.HasPrefix(first(md, "x-call"), "after")
	c.Cut = c.Label == "deadline" || c.Label == "leave"
	_, c.Timeout = ctx.Deadline()
	c.Metadata = own(md)
	return context.WithValue(ctx, callKey{}, c)
}

func (r *recorder) HandleRPC(ctx context.Context, event stats.RPCStats) {
	c := ctx.Value(callKey{}).(*call)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch s := event.(type) {
	case *stats.OutHeader:
		if s.Client {
			c.Local, c.Remote, c.Coding = s.LocalAddr.String(), s.RemoteAddr.String(), s.Compression
		}
	case *stats.InHeader:
		if !s.Client {
			c.Local, c.Remote = s.LocalAddr.String(), s.RemoteAddr.String()
		}
	case *stats.OutPayload:
		c.Sent = append(c.Sent, service.AmountOf(s.Data))
	case *stats.InPayload:
		c.Received = append(c.Received, service.AmountOf(s.Data))
	case *stats.InTrailer:
		c.Trailer = own(s.Trailer)
	case *stats.End:
		state := status.Convert(s.Error)
		c.Code, c.Message = uint32(state.Code()), state.Message()
		r.program.Put(c)
	}
}

// own are the fields that these programs set themselves.
func own(md metadata.MD) []service.Field {
	fields := []service.Field{}
	for name, values := range md {
		if !strings.HasPrefix(name, "x-") {
			continue
		}
		for _, value := range values {
			if strings.HasSuffix(name, "-bin") {
				value = base64.RawStdEncoding.EncodeToString([]byte(value)) // as gRPC itself sends it
			}
			fields = append(fields, service.Field{name, value})
		}
	}
	sort.Slice(fields, func(i, j int) bool { return fields[i][0] < fields[j][0] })
	return fields
}

func first(md metadata.MD, name string) string {
	if values := md.Get(name); len(values) > 0 {
		return values[0]
	}
	return ""
}
