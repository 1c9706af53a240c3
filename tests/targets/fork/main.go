// The fork target: makes TLS traffic through crypto/tls and through copies of it under other import paths, all in one
// program, and logs what its own code sent and received. tests/targets/fork/build compiles it; `go build` can't, since
// the copies import packages that are internal to Go's library.
package main

import (
	stdtls "crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"runtime"

	plain "example.org/app/vendor/crypto/tls"
	utls "github.com/refraction-networking/utls"
	"gotls.test/targets/scenario"
)

// tlsConn is what all copies' connections can do.
type tlsConn interface {
	net.Conn
	Handshake() error
}

// state is what is compared of a connection beside its bytes.
type state struct {
	version, cipher uint16
	resumed         bool
}

// library is one way to make connections.
type library struct {
	name           string
	server, client func(net.Conn) tlsConn
	state          func(tlsConn) state
}

var certificate stdtls.Certificate

func stdServer(c net.Conn) tlsConn {
	return stdtls.Server(c, &stdtls.Config{Certificates: []stdtls.Certificate{certificate}})
}

func stdClient(c net.Conn) tlsConn {
	return stdtls.Client(c, &stdtls.Config{InsecureSkipVerify: true})
}

func stdState(c tlsConn) state {
	s := c.(*stdtls.Conn).ConnectionState()
	return state{s.Version, s.CipherSuite, s.DidResume}
}

func utlsServer(c net.Conn) tlsConn {
	own := utls.Certificate{Certificate: certificate.Certificate, PrivateKey: certificate.PrivateKey}
	return utls.Server(c, &utls.Config{Certificates: []utls.Certificate{own}})
}

func utlsClient(c net.Conn) tlsConn {
	return utls.UClient(c, &utls.Config{InsecureSkipVerify: true}, "Gotls-Test")
}

func utlsState(c tlsConn) state {
	if wrapper, ok := c.(*utls.UConn); ok {
		c = wrapper.Conn
	}
	s := c.(*utls.Conn).ConnectionState()
	return state{s.Version, s.CipherSuite, s.DidResume}
}

func plainServer(c net.Conn) tlsConn {
	own := plain.Certificate{Certificate: certificate.Certificate, PrivateKey: certificate.PrivateKey}
	return plain.Server(c, &plain.Config{Certificates: []plain.Certificate{own}, MaxVersion: plain.VersionTLS12})
}

func plainClient(c net.Conn) tlsConn {
	return plain.Client(c, &plain.Config{InsecureSkipVerify: true, MaxVersion: plain.VersionTLS12})
}

func plainState(c tlsConn) state {
	s := c.(*plain.Conn).ConnectionState()
	return state{s.Version, s.CipherSuite, s.DidResume}
}

var libraries = []library{
	{"crypto/tls", stdServer, stdClient, stdState},
	{"utls", utlsServer, utlsClient, utlsState},
	{"vendored", plainServer, plainClient, plainState},
}

// conn counts what passes through a connection.
type conn struct {
	tlsConn
	name    string
	in, out []byte
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.tlsConn.Read(p)
	c.in = append(c.in, p[:n]...)
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.tlsConn.Write(p)
	c.out = append(c.out, p[:n]...)
	return n, err
}

// address is that of the *Conn, which is what a tracer knows a connection by.
func address(c tlsConn) string {
	if wrapper, ok := c.(*utls.UConn); ok {
		return fmt.Sprintf("%p", wrapper.Conn)
	}
	return fmt.Sprintf("%p", c)
}

func (c *conn) line(side, note string, s state) scenario.Line {
	version := map[uint16]string{stdtls.VersionTLS12: "TLS 1.2", stdtls.VersionTLS13: "TLS 1.3"}[s.version]
	return scenario.Line{PID: os.Getpid(), Kind: "conn", Scenario: c.name, Side: side, TLSConn: address(c.tlsConn),
		Local: c.LocalAddr().String(), Remote: c.RemoteAddr().String(), Version: version,
		Cipher: stdtls.CipherSuiteName(s.cipher), Resumed: &s.resumed, Note: note, Read: scenario.AmountOf(c.in), Write: scenario.AmountOf(c.out)}
}

var log *json.Encoder

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "fork:", err)
		os.Exit(1)
	}
}

func message(seed, size int) []byte {
	p := make([]byte, size)
	for i := range p {
		p[i] = byte(i*7 + i>>8 + seed)
	}
	return p
}

func receive(c *conn, size int) {
	buf := make([]byte, 4096)
	for size > 0 {
		n, err := c.Read(buf)
		check(err)
		size -= n
	}
}

// exchange sends messages of these sizes to and fro.
func exchange(client, server *conn, sizes []int) {
	done := make(chan bool)
	go func() {
		for i, size := range sizes {
			receive(server, size)
			_, err := server.Write(message(i+100, size/2+1))
			check(err)
		}
		close(done)
	}()
	for i, size := range sizes {
		_, err := client.Write(message(i, size))
		check(err)
		receive(client, size/2+1)
	}
	<-done
}

// connect makes a pair of connections by `l` over a pair of sockets, with more TLS in between where `outer` is given.
func connect(l library, listener net.Listener, outer *library) (client, server *conn) {
	accepted := make(chan net.Conn)
	go func() {
		raw, err := listener.Accept()
		check(err)
		accepted <- raw
	}()
	low, err := net.Dial("tcp", listener.Addr().String())
	check(err)
	high := <-accepted
	if outer != nil {
		low, high = outer.client(low), outer.server(high)
	}
	client = &conn{tlsConn: l.client(low), name: l.name}
	server = &conn{tlsConn: l.server(high), name: l.name}
	return client, server
}

// run returns the address of the client.
func run(l library, listener net.Listener, outer *library, sizes []int, note string, shut bool) string {
	client, server := connect(l, listener, outer)
	exchange(client, server, sizes)
	check(log.Encode(client.line("client", note, l.state(client.tlsConn))))
	check(log.Encode(server.line("server", note, l.state(server.tlsConn))))
	if shut {
		client.Close()
		server.Close()
	}
	return address(client.tlsConn)
}

// dropped makes connections that nobody closes, until the garbage collector has given the memory of one to another:
// when that happens is its own affair.
func dropped(listener net.Listener) {
	const least, most = 60, 1000
	seen, again := map[string]bool{}, false
	for i := 0; i < least || !again && i < most; i++ {
		at := run(libraries[1], listener, nil, []int{100 + i%least}, "", false)
		again = again || seen[at]
		seen[at] = true
		if i%10 == 9 {
			runtime.GC()
		}
	}
}

func main() {
	logTo := flag.String("log", "/dev/stderr", "append the truth to this file")
	hold := flag.Bool("hold", false, "after \"ready PID\" wait for a line on stdin")
	flag.String("scenario", "fork", "there is one")
	flag.Parse()
	file, err := os.OpenFile(*logTo, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0600)
	check(err)
	log = json.NewEncoder(file)
	certificate, err = scenario.SelfSigned()
	check(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Println("ready", os.Getpid())
	if *hold {
		var line string
		fmt.Scanln(&line)
	}
	for _, l := range libraries {
		run(l, listener, nil, []int{1, 13, 4096, 16385, 100000}, "", true)
	}
	dropped(listener)
	fmt.Println("done")
}
