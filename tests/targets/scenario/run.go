// Package scenario holds the traffic that the test targets make, and the record of what they themselves sent and
// received. Standard library only, and nothing newer than Go 1.15: the oldest toolchain must build it.
package scenario

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/signal"
	"sort"
	"sync"
	"syscall"
	"time"
)

// Options are the program's flags.
type Options struct {
	Scenario  string
	TLS       string // "1.2" or "1.3"
	Log       string
	Role      string // "both", "server" or "client"
	Listen    string // where the server listens
	Connect   string // where the client connects to
	Repeat    int
	Hold      bool
	StartFile string
	Delay     time.Duration // between messages
	For       time.Duration // how long endless scenarios run; 0: until stdin ends or SIGTERM
	Timeout   time.Duration
	Child     string // the scenario of spawn-child's child
	Seed      int64
	Embedded  bool // in a library: the host has said "ready" already
}

// Defaults are the options without any flag.
func Defaults() Options {
	return Options{Scenario: "raw", TLS: "1.3", Role: "both", Listen: "127.0.0.1:0", Repeat: 1,
		Timeout: time.Minute, Child: "raw", Seed: 1}
}

// entry is one scenario. Server and client meet over a listener, unless the scenario makes its own connections (alone).
type entry struct {
	doc     string
	network string // "" is tcp
	server  func(*Run, net.Listener) error
	client  func(*Run, dialer) error
	alone   func(*Run) error
	tls12   bool // only means something with TLS 1.2, which it therefore sets
	starts  bool // calls Run.start itself, after some traffic
	endless bool // stops when it is told to
}

type dialer func() (net.Conn, error)

// Run is one execution of a scenario: its options and what server and client share.
type Run struct {
	Options
	name    string
	log     *truthLog
	cert    tls.Certificate
	keyLog  io.Writer // by $SSLKEYLOGFILE; nil: none
	version uint16
	held    sync.Once
	started chan struct{}
	stopped chan struct{}
}

// List prints the scenarios.
func List() {
	var names []string
	for name := range scenarios {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Printf("%-16s %s\n", name, scenarios[name].doc)
	}
}

// Execute runs a scenario to its end.
func Execute(o Options) error {
	e, ok := scenarios[o.Scenario]
	if !ok {
		return fmt.Errorf("no scenario %q; -list shows them", o.Scenario)
	}
	if e.alone != nil && o.Role != "both" {
		return fmt.Errorf("%s runs in one process only", o.Scenario)
	}
	r := &Run{Options: o, name: o.Scenario, started: make(chan struct{}), stopped: make(chan struct{})}
	switch {
	case e.tls12 || o.TLS == "1.2":
		r.version = tls.VersionTLS12
	case o.TLS == "1.3":
		r.version = tls.VersionTLS13
	default:
		return fmt.Errorf("-tls is 1.2 or 1.3, not %q", o.TLS)
	}
	var err error
	if r.log, err = openLog(o.Log); err != nil {
		return err
	}
	if r.cert, err = SelfSigned(); err != nil {
		return err
	}
	if path := os.Getenv("SSLKEYLOGFILE"); path != "" {
		if r.keyLog, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0600); err != nil {
			return err
		}
	}
	if e.alone != nil {
		return r.guarded(e, func() error { return e.alone(r) })
	}
	return r.overNetwork(e)
}

// overNetwork runs the server, the client or both.
func (r *Run) overNetwork(e entry) error {
	network := e.network
	if network == "" {
		network = "tcp"
	}
	connect := r.Connect
	var listener net.Listener
	if r.Role != "client" {
		address := r.Listen
		if network == "unix" && address == Defaults().Listen {
			address = fmt.Sprintf("%s/gotls-target-%d.sock", os.TempDir(), os.Getpid())
		}
		var err error
		if listener, err = net.Listen(network, address); err != nil {
			return err
		}
		defer listener.Close()
		connect = listener.Addr().String()
		if r.Role == "server" {
			fmt.Println("listening", connect)
		}
	}
	dial := func() (net.Conn, error) { return net.Dial(network, connect) }
	return r.guarded(e, func() error {
		switch r.Role {
		case "server":
			return e.server(r, listener)
		case "client":
			return e.client(r, dial)
		case "both":
			return together(
				func() error { return e.server(r, listener) },
				func() error { return e.client(r, dial) })
		}
		return fmt.Errorf("-role is both, server or client, not %q", r.Role)
	})
}

// guarded runs the body Repeat times after the start signal, within the timeout.
func (r *Run) guarded(e entry, body func() error) error {
	done := make(chan error, 1)
	if e.endless {
		go r.awaitStop()
	}
	go func() {
		if !e.starts {
			r.start()
		}
		for i := 0; i < r.Repeat; i++ {
			if err := body(); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	if !e.endless {
		go func() {
			<-r.started
			time.Sleep(r.Timeout)
			done <- fmt.Errorf("%s: not done after %v", r.name, r.Timeout)
		}()
	}
	return <-done
}

// together runs functions side by side and returns the first error.
func together(fs ...func() error) error {
	errs := make(chan error, len(fs))
	for _, f := range fs {
		f := f
		go func() { errs <- f() }()
	}
	for range fs {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

// start says that the program is ready, and waits for the signal to go on if it was asked to. Further calls wait for
// the same signal.
func (r *Run) start() {
	r.held.Do(func() {
		signals := make(chan os.Signal, 1)
		line := make(chan struct{})
		if r.Hold || r.StartFile != "" {
			signal.Notify(signals, syscall.SIGUSR1)
			go func() {
				// An end of file is no line: stdin may be /dev/null and the signal or the file still to come.
				if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err == nil {
					close(line)
				}
			}()
		}
		if !r.Embedded {
			fmt.Println("ready", os.Getpid())
		}
		for r.Hold || r.StartFile != "" {
			select {
			case <-line:
			case <-signals:
			case <-time.After(10 * time.Millisecond):
				if r.StartFile == "" {
					continue
				}
				if _, err := os.Stat(r.StartFile); err != nil {
					continue
				}
			}
			break
		}
		close(r.started)
	})
	<-r.started
}

// awaitStop closes stopped when the time is up, on SIGTERM or SIGINT, or when a stdin that is a pipe ends.
func (r *Run) awaitStop() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	<-r.started
	var timeUp <-chan time.Time
	if r.For > 0 {
		timeUp = time.After(r.For)
	}
	ended := make(chan struct{})
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
		go func() {
			buf := make([]byte, 512)
			for {
				if _, err := os.Stdin.Read(buf); err != nil {
					close(ended)
					return
				}
			}
		}()
	}
	select {
	case <-signals:
	case <-timeUp:
	case <-ended:
	}
	close(r.stopped)
}

func (r *Run) pause() {
	if r.Delay > 0 {
		time.Sleep(r.Delay)
	}
}

func (r *Run) serverConfig() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{r.cert}, MinVersion: r.version, MaxVersion: r.version,
		KeyLogWriter: r.keyLog}
}

func (r *Run) clientConfig() *tls.Config {
	// The server's certificate is made afresh in another process, maybe: there is nothing to check it against.
	return &tls.Config{InsecureSkipVerify: true, MinVersion: r.version, MaxVersion: r.version, KeyLogWriter: r.keyLog}
}

// accept takes one connection and shakes hands.
func (r *Run) accept(l net.Listener, config *tls.Config) (*Conn, error) {
	raw, err := l.Accept()
	if err != nil {
		return nil, err
	}
	c := r.count("server", tls.Server(raw, config), raw)
	return c, c.tls.Handshake()
}

// dial makes one connection and shakes hands.
func (r *Run) dial(d dialer, config *tls.Config) (*Conn, error) {
	raw, err := d()
	if err != nil {
		return nil, err
	}
	c := r.count("client", tls.Client(raw, config), raw)
	return c, c.tls.Handshake()
}

// SelfSigned makes a certificate and its key.
func SelfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "gotls test target"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		DNSNames:     []string{"localhost", "one.gotls.test", "two.gotls.test"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
