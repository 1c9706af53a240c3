package scenario

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"io/ioutil"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"time"
)

var bodySizes = []int{0, 1, 13, 1000, 16384, 16385, 100000, 1 << 20, 8 << 20}

// unsized hides a body's length, so that HTTP/1.1 sends it in chunks.
type unsized struct{ io.Reader }

// httpHandler answers any request with as many bytes as "down" says, and tells when it has seen the whole of one.
func (r *Run) httpHandler(seen chan<- struct{}) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		up, err := ioutil.ReadAll(q.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		size, _ := strconv.Atoi(q.URL.Query().Get("down"))
		seed, _ := strconv.ParseInt(q.URL.Query().Get("seed"), 10, 64)
		down := data(seed, size)
		if q.URL.Query().Get("sized") == "1" {
			w.Header().Set("Content-Length", strconv.Itoa(size))
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		local, _ := q.Context().Value(http.LocalAddrContextKey).(net.Addr)
		line := Line{Side: "server", Remote: q.RemoteAddr, Local: local.String()}
		line.exchange(r, q, up, down, http.StatusOK)
		line.Proto = q.Proto
		if _, err := w.Write(down); err != nil {
			line.Error = err.Error()
		}
		r.log.put(line)
		seen <- struct{}{}
	})
}

func (l *Line) exchange(r *Run, q *http.Request, up, down []byte, status int) {
	l.Kind, l.Scenario, l.Status = "http", r.name, status
	l.Method, l.Path = q.Method, q.URL.RequestURI()
	l.RequestBody, l.ResponseBody = AmountOf(up), AmountOf(down)
}

// exchanges is how many requests httpRequests makes: the server counts them to know when it may end.
func exchanges() int { return 4 * len(bodySizes) }

// httpRequests makes a GET and three POSTs for each size: with a length, in chunks, and large both ways.
func (r *Run) httpRequests(transport *http.Transport, base string) error {
	client := &http.Client{Transport: transport}
	defer transport.CloseIdleConnections()
	for i, size := range bodySizes {
		mirrored := bodySizes[len(bodySizes)-1-i]
		for kind := 0; kind < 4; kind++ {
			r.pause()
			seed := r.Seed + int64(10*i+kind)
			var err error
			switch kind {
			case 0:
				err = r.httpRequest(client, base, "GET", seed, 0, size, true)
			case 1:
				err = r.httpRequest(client, base, "POST", seed, size, 13, true)
			case 2:
				err = r.httpRequest(client, base, "POST", seed, size, mirrored, false)
			case 3:
				err = r.httpRequest(client, base, "PUT", seed, size, size, i%2 == 0)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Run) httpRequest(c *http.Client, base, method string, seed int64, up, down int, sized bool) error {
	url := fmt.Sprintf("%s/%s/%d?down=%d&seed=%d", base, r.name, up, down, -seed)
	var body io.Reader
	sent := data(seed, up)
	if method != "GET" {
		body = bytes.NewReader(sent)
		if !sized {
			body = unsized{body}
		}
	}
	if sized {
		url += "&sized=1"
	}
	q, err := http.NewRequest(method, url, body)
	if err != nil {
		return err
	}
	line := Line{Side: "client"}
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		line.Local, line.Remote = info.Conn.LocalAddr().String(), info.Conn.RemoteAddr().String()
	}}
	q = q.WithContext(httptrace.WithClientTrace(q.Context(), trace))
	answer, err := c.Do(q)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	got, err := ioutil.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, data(-seed, down)) {
		return fmt.Errorf("%s: the response body came out different", url)
	}
	line.exchange(r, q, sent, got, answer.StatusCode)
	line.Proto = answer.Proto
	r.log.put(line)
	return nil
}

// serveHTTP serves until all requests were seen.
func (r *Run) serveHTTP(serve func(*http.Server) error) error {
	seen := make(chan struct{}, exchanges())
	server := &http.Server{Handler: r.httpHandler(seen)}
	ended := make(chan error, 1)
	go func() { ended <- serve(server) }()
	for i := 0; i < exchanges(); i++ {
		select {
		case <-seen:
		case err := <-ended:
			return err
		}
	}
	err := server.Shutdown(context.Background())
	<-ended
	return err
}

// lasting stays open when http.Server closes it, since the next repetition uses it again: it only ends the Accept that
// waits.
type lasting struct{ *net.TCPListener }

func (l lasting) Close() error { return l.SetDeadline(time.Now()) }

func newLasting(l net.Listener) lasting {
	tcp := l.(*net.TCPListener)
	tcp.SetDeadline(time.Time{})
	return lasting{tcp}
}

func (r *Run) httpServer(l net.Listener, protocol string) error {
	config := r.serverConfig()
	config.NextProtos = []string{protocol}
	return r.serveHTTP(func(s *http.Server) error {
		s.TLSConfig = config
		if protocol == "http/1.1" {
			s.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
		}
		return s.ServeTLS(newLasting(l), "", "")
	})
}

func http1Server(r *Run, l net.Listener) error { return r.httpServer(l, "http/1.1") }
func http2Server(r *Run, l net.Listener) error { return r.httpServer(l, "h2") }

func (r *Run) httpClient(d dialer, protocol string) error {
	transport := &http.Transport{
		TLSClientConfig:   r.clientConfig(),
		ForceAttemptHTTP2: protocol == "h2",
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return d() },
	}
	transport.TLSClientConfig.NextProtos = []string{protocol}
	return r.httpRequests(transport, "https://localhost")
}

func http1Client(r *Run, d dialer) error { return r.httpClient(d, "http/1.1") }
func http2Client(r *Run, d dialer) error { return r.httpClient(d, "h2") }

// wireListener hands net/http counted connections: it then treats them as plain ones, and every byte of HTTP that it
// reads and writes goes by this program's own code.
type wireListener struct {
	net.Listener
	run *Run
}

func (l wireListener) Accept() (net.Conn, error) {
	raw, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.run.count("server", tls.Server(raw, l.run.serverConfig()), raw), nil
}

func wireServer(r *Run, l net.Listener) error {
	return r.serveHTTP(func(s *http.Server) error { return s.Serve(wireListener{newLasting(l), r}) })
}

func wireClient(r *Run, d dialer) error {
	return r.httpRequests(r.wireTransport(d), "https://localhost")
}

func (r *Run) wireTransport(d dialer) *http.Transport {
	return &http.Transport{
		DialTLS: func(string, string) (net.Conn, error) {
			c, err := r.dial(d, r.clientConfig())
			if err != nil {
				return nil, err
			}
			return c, nil
		},
	}
}
