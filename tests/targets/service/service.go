// Package service holds what the programs that speak HTTP, gRPC and WebSocket share: flags, the start signal, the log
// of what they themselves saw. Nothing newer than Go 1.15 in here.
package service

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/ioutil"
	"math/rand"
	"os"
	"sync"

	"gotls.test/targets/scenario"
)

// Options are the flags that all of these programs have.
type Options struct {
	Log     string
	Hold    bool
	Late    bool   // some traffic before the start signal, and more after it on the same connections
	Role    string // "both", "server" or "client"
	Listen  string
	Connect string
	TLS     string
}

// Parse reads the command line.
func Parse() Options {
	var o Options
	flag.StringVar(&o.Log, "log", "", "append the truth to this file (default: stderr)")
	flag.BoolVar(&o.Hold, "hold", false, "after \"ready PID\" wait for a line on stdin")
	flag.BoolVar(&o.Late, "late", false, "make some traffic before \"ready PID\", then hold, then more on the same connections")
	flag.StringVar(&o.Role, "role", "both", "both, server: serve until stdin ends, or client")
	flag.StringVar(&o.Listen, "listen", "127.0.0.1:0", "address the server listens on, with -role server")
	flag.StringVar(&o.Connect, "connect", "", "address the client connects to, with -role client")
	flag.StringVar(&o.TLS, "tls", "1.3", "1.2 or 1.3")
	flag.Parse()
	return o
}

// Amount is a body's size and hash.
type Amount struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// AmountOf describes these bytes.
func AmountOf(p []byte) *Amount {
	sum := sha256.Sum256(p)
	return &Amount{int64(len(p)), hex.EncodeToString(sum[:])}
}

// Program is one run: its options, its log and its certificate.
type Program struct {
	Options
	cert tls.Certificate
	keys io.Writer // by $SSLKEYLOGFILE; nil: none
	mu   sync.Mutex
	out  io.Writer
	held sync.Once
}

// New opens the log and makes a certificate.
func New(o Options) (*Program, error) {
	p := &Program{Options: o, out: os.Stderr}
	var err error
	if o.Log != "" {
		p.out, err = os.OpenFile(o.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0600)
		if err != nil {
			return nil, err
		}
	}
	if path := os.Getenv("SSLKEYLOGFILE"); path != "" {
		if p.keys, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0600); err != nil {
			return nil, err
		}
	}
	p.cert, err = scenario.SelfSigned()
	return p, err
}

// Put appends a line to the log.
func (p *Program) Put(line interface{}) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := p.out.Write(append(text, '\n')); err != nil {
		fmt.Fprintln(os.Stderr, "log:", err)
		os.Exit(1)
	}
}

// Ready says that the program is ready, and waits for the start signal if it was asked to. Once.
func (p *Program) Ready() {
	p.held.Do(func() {
		fmt.Println("ready", os.Getpid())
		if p.Hold || p.Late {
			if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
				fmt.Fprintln(os.Stderr, "no start signal:", err)
				os.Exit(1)
			}
		}
	})
}

// AwaitEnd waits until stdin ends.
func (p *Program) AwaitEnd() { io.Copy(ioutil.Discard, os.Stdin) }

func (p *Program) version() uint16 {
	if p.TLS == "1.2" {
		return tls.VersionTLS12
	}
	return tls.VersionTLS13
}

// ServerConfig offers these protocols.
func (p *Program) ServerConfig(protocols ...string) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{p.cert}, MinVersion: p.version(), MaxVersion: p.version(),
		NextProtos: protocols, KeyLogWriter: p.keys}
}

// ClientConfig asks for these protocols. The certificate was made a moment ago: there is nothing to check it against.
func (p *Program) ClientConfig(protocols ...string) *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, MinVersion: p.version(), MaxVersion: p.version(), NextProtos: protocols,
		KeyLogWriter: p.keys}
}

// Main runs a program and reports its error.
func Main(run func(*Program) error) {
	p, err := New(Parse())
	if err == nil {
		err = run(p)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("done")
}

// Data is n bytes that depend on seed alone: lines of text with noise between them.
func Data(seed int64, n int) []byte {
	p := make([]byte, n)
	rand.New(rand.NewSource(seed)).Read(p)
	for at := 0; at < n; at += 128 {
		copy(p[at:], fmt.Sprintf("seed %d offset %d: sphinx of black quartz, judge my vow\n", seed, at))
	}
	return p
}

// Text is n bytes of text that compresses well.
func Text(seed int64, n int) []byte {
	var p []byte
	for i := 0; len(p) < n; i++ {
		p = append(p, fmt.Sprintf("line %d of text %d: häßlich & schön\n", i, seed)...)
	}
	for n > 0 && n < len(p) && p[n]&0xC0 == 0x80 { // not into the middle of a character
		n--
	}
	return p[:n]
}
