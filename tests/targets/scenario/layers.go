package scenario

import (
	"crypto/tls"
	"net"
)

// Scenarios about what lies below a tls.Conn: other net.Conns, another tls.Conn, a pipe.

var layerSizes = []int{13, 1000, 16384, 0, 16385, 100000, 1, 300000}

type pointerWrapper struct{ net.Conn }

type valueWrapper struct {
	name string
	net.Conn
	calls int
}

// tcpWrapper is a single pointer, which an interface holds in itself instead of pointing to it.
type tcpWrapper struct{ *net.TCPConn }

// Each wraps a connection in its own way; server and client go through them in the same order.
var wrappers = []struct {
	note string
	wrap func(net.Conn) net.Conn
}{
	{"pointer", func(c net.Conn) net.Conn { return &pointerWrapper{c} }},
	{"value", func(c net.Conn) net.Conn { return valueWrapper{"value", c, 0} }},
	{"tcp", func(c net.Conn) net.Conn { return tcpWrapper{c.(*net.TCPConn)} }},
	{"two-levels", func(c net.Conn) net.Conn { return &pointerWrapper{valueWrapper{"inner", c, 0}} }},
}

func wrapperServer(r *Run, l net.Listener) error {
	for _, w := range wrappers {
		raw, err := l.Accept()
		if err != nil {
			return err
		}
		c := r.count("server", tls.Server(w.wrap(raw), r.serverConfig()), raw)
		c.Line.Note = w.note
		if err := pingServer(r, c, layerSizes); err != nil {
			return err
		}
		c.Close()
	}
	return nil
}

func wrapperClient(r *Run, d dialer) error {
	for _, w := range wrappers {
		raw, err := d()
		if err != nil {
			return err
		}
		c := r.count("client", tls.Client(w.wrap(raw), r.clientConfig()), raw)
		c.Line.Note = w.note
		if err := pingClient(r, c, layerSizes); err != nil {
			return err
		}
		c.Close()
	}
	return nil
}

// nest puts TLS into TLS. With counted, the inner one runs over this package's Conn, which knows the outer one's bytes;
// without, directly over the outer *tls.Conn, and only the inner bytes are known.
func (r *Run) nest(outer *Conn, side string, counted bool, make func(net.Conn, *tls.Config) *tls.Conn,
	config *tls.Config, talk func(*Run, *Conn, []int) error) error {
	outer.Line.Note = "outer"
	outer.Line.Opaque = !counted
	below := net.Conn(outer)
	if !counted {
		below = outer.tls
	}
	inner := r.count(side, make(below, config), outer.raw)
	inner.Line.Note = "inner"
	err := talk(r, inner, layerSizes)
	inner.Close() // and the outer one with it
	outer.log()
	return err
}

func nestedServer(counted bool) func(*Run, net.Listener) error {
	return func(r *Run, l net.Listener) error {
		outer, err := r.accept(l, r.serverConfig())
		if err != nil {
			return err
		}
		return r.nest(outer, "server", counted, tls.Server, r.serverConfig(), pingServer)
	}
}

func nestedClient(counted bool) func(*Run, dialer) error {
	return func(r *Run, d dialer) error {
		outer, err := r.dial(d, r.clientConfig())
		if err != nil {
			return err
		}
		return r.nest(outer, "client", counted, tls.Client, r.clientConfig(), pingClient)
	}
}

// pipe has no file descriptor below. Its writes wait for the reader, so the server must not send tickets unasked.
func pipe(r *Run) error {
	near, far := net.Pipe()
	config := r.serverConfig()
	config.SessionTicketsDisabled = true
	return together(
		func() error {
			c := r.count("server", tls.Server(near, config), near)
			defer c.Close()
			return pingServer(r, c, pingSizes)
		},
		func() error {
			c := r.count("client", tls.Client(far, r.clientConfig()), far)
			defer c.Close()
			return pingClient(r, c, pingSizes)
		})
}
