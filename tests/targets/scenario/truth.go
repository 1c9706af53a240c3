package scenario

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"net"
	"os"
	"sync"
)

// The truth: what this program's own code handed to Write and was handed by Read. A tracer's output is compared
// with these lines, never with another run of the tracer.

// Amount is one direction's bytes. SHA256 is empty where the order is not known (see Unordered).
type Amount struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Line is one record of the log; the fields that don't apply are left out.
type Line struct {
	PID      int    `json:"pid"`
	Kind     string `json:"kind"` // "conn", "http" or "summary"
	Scenario string `json:"scenario"`
	Side     string `json:"side,omitempty"` // "client" or "server"

	TLSConn string  `json:"tls_conn,omitempty"`
	Local   string  `json:"local,omitempty"`
	Remote  string  `json:"remote,omitempty"`
	Read    *Amount `json:"read,omitempty"`
	Write   *Amount `json:"write,omitempty"`
	Before  *Both   `json:"before,omitempty"` // what went by before the start signal; not in Read and Write
	Version string  `json:"version,omitempty"`
	Cipher  string  `json:"cipher,omitempty"`
	ALPN    string  `json:"alpn,omitempty"`
	SNI     string  `json:"sni,omitempty"`
	Resumed *bool   `json:"resumed,omitempty"`
	Note    string  `json:"note,omitempty"` // which variant of the scenario
	// Opaque: this code never sees the connection's bytes, because another layer owns it.
	Opaque bool `json:"opaque,omitempty"`
	// Unordered: several goroutines wrote at once, so only the reader knows the order.
	Unordered bool     `json:"unordered,omitempty"`
	Writers   []Amount `json:"writers,omitempty"`

	Proto        string  `json:"proto,omitempty"`
	Method       string  `json:"method,omitempty"`
	Path         string  `json:"path,omitempty"`
	RequestBody  *Amount `json:"request_body,omitempty"`
	ResponseBody *Amount `json:"response_body,omitempty"`
	Status       int     `json:"status,omitempty"`

	Counts map[string]int64 `json:"counts,omitempty"` // of "summary" lines
	Error  string           `json:"error,omitempty"`  // an error that the scenario provokes
}

// Both is the two directions of a connection.
type Both struct {
	Read  Amount `json:"read"`
	Write Amount `json:"write"`
}

type truthLog struct {
	mu  sync.Mutex
	out io.Writer
}

func openLog(path string) (*truthLog, error) {
	if path == "" {
		return &truthLog{out: os.Stderr}, nil
	}
	// Append, one write a line: a child process logs to the same file.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0600)
	if err != nil {
		return nil, err
	}
	return &truthLog{out: f}, nil
}

func (l *truthLog) put(line Line) {
	line.PID = os.Getpid()
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.out.Write(append(text, '\n')); err != nil {
		fmt.Fprintln(os.Stderr, "log:", err)
		os.Exit(1)
	}
}

// tally sums up and hashes one direction.
type tally struct {
	mu  sync.Mutex
	n   int64
	sum hash.Hash
}

func (t *tally) add(p []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sum == nil {
		t.sum = sha256.New()
	}
	t.n += int64(len(p))
	t.sum.Write(p)
}

func (t *tally) amount() Amount {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sum == nil {
		t.sum = sha256.New()
	}
	return Amount{t.n, hex.EncodeToString(t.sum.Sum(nil))}
}

func (t *tally) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n, t.sum = 0, nil
}

// AmountOf is what a log says of bytes.
func AmountOf(p []byte) *Amount {
	var t tally
	t.add(p)
	amount := t.amount()
	return &amount
}

// Conn is a *tls.Conn whose Read and Write calls are counted. It is a net.Conn itself.
type Conn struct {
	net.Conn // the *tls.Conn
	tls      *tls.Conn
	raw      net.Conn
	run      *Run
	side     string
	Line     Line // what the scenario adds: Note, Unordered, Writers, Error
	in, out  tally
	before   *Both
	once     sync.Once
}

// count makes a counted connection; raw is what lies at the bottom of it.
func (r *Run) count(side string, c *tls.Conn, raw net.Conn) *Conn {
	return &Conn{Conn: c, tls: c, raw: raw, run: r, side: side}
}

func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.tls.Read(p)
	c.in.add(p[:n])
	return n, err
}

func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.tls.Write(p)
	// After the call: hashing touches the pages, and some scenarios want them untouched when Write is entered.
	c.out.add(p[:n])
	return n, err
}

// Close closes the connection and logs it.
func (c *Conn) Close() error {
	err := c.tls.Close()
	c.log()
	return err
}

// mark ends the part of the traffic that comes before the start signal.
func (c *Conn) mark() {
	c.before = &Both{c.in.amount(), c.out.amount()}
	c.in.reset()
	c.out.reset()
}

// log writes the connection's line, once.
func (c *Conn) log() {
	c.once.Do(func() {
		line := c.Line
		line.describe(c.run, c.side, c.tls)
		in, out := c.in.amount(), c.out.amount()
		if line.Unordered {
			out.SHA256 = ""
		}
		if !line.Opaque {
			line.Read, line.Write, line.Before = &in, &out, c.before
		}
		c.run.log.put(line)
	})
}

// describe fills in what is known of a connection apart from its bytes.
func (l *Line) describe(r *Run, side string, c *tls.Conn) {
	state := c.ConnectionState()
	l.Kind, l.Scenario, l.Side = "conn", r.name, side
	l.TLSConn = fmt.Sprintf("%p", c)
	l.Local, l.Remote = c.LocalAddr().String(), c.RemoteAddr().String()
	l.Version, l.Cipher = versionName(state.Version), tls.CipherSuiteName(state.CipherSuite)
	l.ALPN, l.SNI = state.NegotiatedProtocol, state.ServerName
	l.Resumed = &state.DidResume
}

// versionName is tls.VersionName, which Go has from 1.21 on.
func versionName(v uint16) string {
	switch v {
	case tls.VersionTLS12:
		return "TLS 1.2"
	case tls.VersionTLS13:
		return "TLS 1.3"
	}
	return fmt.Sprintf("0x%04x", v)
}
