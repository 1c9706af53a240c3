package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gotls.test/targets/service"
)

// visitor makes requests to one address and logs them as it sees them.
type visitor struct {
	program *service.Program
	base    string
	client  *http.Client
	number  *int64
	after   bool // the start signal has come
}

func newVisitor(p *service.Program, address, protocol string, number *int64) *visitor {
	transport := &http.Transport{
		TLSClientConfig:       p.ClientConfig(protocol),
		ForceAttemptHTTP2:     protocol == "h2",
		DisableCompression:    true, // or else the transport undoes it, and hides what passed
		ExpectContinueTimeout: time.Minute,
	}
	if protocol != "h2" {
		transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	client := &http.Client{Transport: transport}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &visitor{program: p, base: "https://" + address, client: client, number: number}
}

func (v *visitor) close() { v.client.CloseIdleConnections() }

// numbered makes a path unlike all others.
func numbered(path string, number *int64) string {
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	return fmt.Sprintf("%s%sn=%d", path, separator, atomic.AddInt64(number, 1))
}

// unsized hides a body's length.
type unsized struct{ io.Reader }

func (v *visitor) request(a ask) (*http.Request, error) {
	var body io.Reader
	if a.body != nil {
		body = bytes.NewReader(a.body)
	}
	if a.unsized {
		body = unsized{body}
	}
	q, err := http.NewRequest(a.method, v.base+numbered(a.path, v.number), body)
	if err != nil {
		return nil, err
	}
	for name, values := range a.header {
		q.Header[name] = values
	}
	if a.host != "" {
		q.Host = a.host
	}
	if a.expect {
		q.Header.Set("Expect", "100-continue")
	}
	q.Trailer = a.trailer
	return q, nil
}

// do makes one request, to the end of its response.
func (v *visitor) do(a ask) error {
	q, err := v.request(a)
	if err != nil {
		return err
	}
	line := &service.Exchange{Side: "client", Label: a.label, After: v.after, Method: a.method, Host: q.Host,
		Path: q.URL.RequestURI(), RequestBody: service.AmountOf(a.body), Cut: a.cut}
	// One lock for all callbacks: they come from the transport's goroutines.
	var mu sync.Mutex
	trace := &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			mu.Lock()
			defer mu.Unlock()
			line.Local, line.Remote = info.Conn.LocalAddr().String(), info.Conn.RemoteAddr().String()
		},
		Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
			mu.Lock()
			defer mu.Unlock()
			line.Informational = append(line.Informational, code)
			return nil
		},
	}
	ctx, cancel := context.WithCancel(httptrace.WithClientTrace(q.Context(), trace))
	defer cancel()
	answer, err := v.client.Do(q.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("%s %s: %v", a.method, a.path, err)
	}
	defer answer.Body.Close()
	var got []byte
	if a.leave > 0 {
		got = make([]byte, a.leave)
		_, err = io.ReadFull(answer.Body, got)
		cancel()
	} else if got, err = readAll(answer.Body); a.cut != (err != nil) {
		return fmt.Errorf("%s %s: the body's end: %v", a.method, a.path, err)
	} else {
		err = nil
	}
	mu.Lock()
	line.Proto, line.Status = answer.Proto, answer.StatusCode
	line.ResponseHeaders, line.ResponseTrailer = service.Fields(answer.Header), service.Fields(answer.Trailer)
	line.ResponseBody = service.AmountOf(got)
	if coding := answer.Header.Get("Content-Encoding"); coding != "" && len(got) > 0 {
		line.Decoded = service.AmountOf(decoded(got, coding))
	}
	v.program.PutExchange(line)
	mu.Unlock()
	return err
}

// all makes the requests one after the other.
func (v *visitor) all(list []ask) error {
	for _, a := range list {
		if err := v.do(a); err != nil {
			return err
		}
	}
	return nil
}

// crowd makes many requests at once.
func (v *visitor) crowd(count int) error {
	errs := make(chan error, count)
	for i := 0; i < count; i++ {
		a := ask{label: "crowd", method: "POST", path: fmt.Sprintf("/any?parts=5&down=%d", 5000*i), body: service.Data(int64(i), 3000*(count-i))}
		go func() { errs <- v.do(a) }()
	}
	for i := 0; i < count; i++ {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

// listener is the server's end of one version of HTTP.
func serve(s *site, l net.Listener, protocols ...string) *http.Server {
	server := &http.Server{Handler: s, TLSConfig: s.program.ServerConfig(protocols...), ReadHeaderTimeout: time.Minute}
	if protocols[0] != "h2" {
		server.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	}
	go server.ServeTLS(l, "", "")
	return server
}
