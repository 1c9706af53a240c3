// The quic target: QUIC streams of quic-go between a server and a client in one program, beside a connection of crypto/tls;
// logs what its own code read from and wrote to each of them. What differs between versions of quic-go is in api_*.go.
package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash"
	"io"
	"net"
	"os"
	"reflect"
	"runtime"
	"sync"
	"time"

	"gotls.test/targets/scenario"
)

// line is one direction of one stream.
type line struct {
	PID       int    `json:"pid"`
	Kind      string `json:"kind"` // "stream"
	Scenario  string `json:"scenario"`
	Side      string `json:"side"`
	Object    string `json:"object"` // address of the half stream
	StreamID  int64  `json:"stream_id"`
	Direction string `json:"direction"`
	Bytes     int64  `json:"bytes"`
	SHA256    string `json:"sha256"`
}

var (
	log      *json.Encoder
	logMutex sync.Mutex
)

func write(value interface{}) {
	logMutex.Lock()
	defer logMutex.Unlock()
	check(log.Encode(value))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "quic:", err)
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

// half counts what passes one way.
type half struct {
	line
	sum hash.Hash
}

func newHalf(scenario, side, direction string, object uintptr, id int64) *half {
	return &half{line{PID: os.Getpid(), Kind: "stream", Scenario: scenario, Side: side, Direction: direction,
		Object: fmt.Sprintf("%#x", object), StreamID: id}, sha256.New()}
}

func (h *half) add(p []byte) {
	h.Bytes += int64(len(p))
	h.sum.Write(p)
}

func (h *half) log() {
	h.SHA256 = hex.EncodeToString(h.sum.Sum(nil))
	write(h.line)
}

// address of the half stream that a stream of both directions holds, by value or by a pointer, or that it is.
func address(stream interface{}, names ...string) uintptr {
	value := reflect.ValueOf(stream).Elem()
	for _, name := range names {
		if field := value.FieldByName(name); field.IsValid() {
			if field.Kind() == reflect.Ptr {
				return field.Pointer()
			}
			return field.UnsafeAddr()
		}
	}
	return value.UnsafeAddr()
}

type reader struct {
	*half
	stream io.Reader
}

type writer struct {
	*half
	stream io.Writer
}

func newReader(scenario, side string, stream io.Reader, id int64) reader {
	return reader{newHalf(scenario, side, "read", address(stream, "receiveStream", "receiveStr"), id), stream}
}

func newWriter(scenario, side string, stream io.Writer, id int64) writer {
	return writer{newHalf(scenario, side, "write", address(stream, "sendStream", "sendStr"), id), stream}
}

func (r reader) read(size int) {
	buffer := make([]byte, 4096)
	for size > 0 {
		if size < len(buffer) {
			buffer = buffer[:size]
		}
		n, err := r.stream.Read(buffer)
		r.add(buffer[:n])
		size -= n
		if err == io.EOF && size == 0 {
			return
		}
		check(err)
	}
}

func (r reader) toEnd() {
	buffer := make([]byte, 5000)
	for {
		n, err := r.stream.Read(buffer)
		r.add(buffer[:n])
		if err == io.EOF {
			return
		}
		check(err)
	}
}

func (w writer) write(p []byte) {
	n, err := w.stream.Write(p)
	w.add(p[:n])
	check(err)
}

var background = context.Background()

// pair is a connection, seen from both sides.
type pair struct{ client, server connection }

func connect(listener listener, certificate tls.Certificate) pair {
	accepted := make(chan connection)
	go func() {
		c, err := listener.Accept(background)
		check(err)
		accepted <- c
	}()
	client, err := dial(listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"gotls"}})
	check(err)
	return pair{client, <-accepted}
}

func (p pair) close() {
	check(p.client.CloseWithError(0, "done"))
	<-p.server.Context().Done()
}

// pingPong sends messages of these sizes to and fro on a stream of both directions; `shut`: closes it too.
func (p pair) pingPong(name string, sizes []int, shut bool) {
	done := make(chan bool)
	go func() {
		s, err := p.server.AcceptStream(background)
		check(err)
		r, w := newReader(name, "server", s, int64(s.StreamID())), newWriter(name, "server", s, int64(s.StreamID()))
		for i, size := range sizes {
			r.read(size)
			w.write(message(i+100, size/2+1))
		}
		if shut {
			check(s.Close())
			r.toEnd()
		}
		r.log()
		w.log()
		close(done)
	}()
	s, err := p.client.OpenStreamSync(background)
	check(err)
	r, w := newReader(name, "client", s, int64(s.StreamID())), newWriter(name, "client", s, int64(s.StreamID()))
	for i, size := range sizes {
		w.write(message(i, size))
		r.read(size/2 + 1)
	}
	if shut {
		check(s.Close())
		r.toEnd()
	}
	<-done
	r.log()
	w.log()
}

// oneWay sends on a stream of one direction, from the server or from the client.
func oneWay(name, side, peer string, from, to connection, seed int, sizes []int) {
	done := make(chan bool)
	go func() {
		s, err := to.AcceptUniStream(background)
		check(err)
		r := newReader(name, peer, s, int64(s.StreamID()))
		r.toEnd()
		r.log()
		close(done)
	}()
	s, err := from.OpenUniStreamSync(background)
	check(err)
	w := newWriter(name, side, s, int64(s.StreamID()))
	for i, size := range sizes {
		w.write(message(seed+i, size))
	}
	check(s.Close())
	<-done
	w.log()
}

// parallel has many streams of a connection at work at once; each says first which one it is.
func (p pair) parallel(count int) {
	var all sync.WaitGroup
	all.Add(2 * count)
	for i := 0; i < count; i++ {
		go func() {
			defer all.Done()
			s, err := p.server.AcceptStream(background)
			check(err)
			r, w := newReader("parallel", "server", s, int64(s.StreamID())), newWriter("parallel", "server", s, int64(s.StreamID()))
			var both sync.WaitGroup
			both.Add(1)
			go func() {
				defer both.Done()
				w.write(message(int(s.StreamID()), 50000))
				check(s.Close())
			}()
			r.toEnd()
			both.Wait()
			r.log()
			w.log()
		}()
		go func(seed int) {
			defer all.Done()
			s, err := p.client.OpenStreamSync(background)
			check(err)
			r, w := newReader("parallel", "client", s, int64(s.StreamID())), newWriter("parallel", "client", s, int64(s.StreamID()))
			for j := 0; j < 20; j++ {
				w.write(message(seed+j, seed*100+j*50+1))
			}
			check(s.Close())
			r.toEnd()
			r.log()
			w.log()
		}(i)
	}
	all.Wait()
}

// cancel has the reader lose interest: what Write says it wrote, and Read read, counts.
func (p pair) cancel() {
	ready := make(chan bool)
	go func() {
		s, err := p.server.AcceptUniStream(background)
		check(err)
		r := newReader("cancel", "server", s, int64(s.StreamID()))
		r.read(10000)
		s.CancelRead(7)
		r.log()
		close(ready)
	}()
	s, err := p.client.OpenUniStreamSync(background)
	check(err)
	w := newWriter("cancel", "client", s, int64(s.StreamID()))
	data := message(3, 4<<20)
	n, err := s.Write(data)
	w.add(data[:n])
	if err == nil {
		check(errors.New("a canceled stream took all bytes"))
	}
	<-ready
	w.log()
}

// deadline has a Read end early, and go on later.
func (p pair) deadline() {
	next, done := make(chan bool), make(chan bool)
	go func() {
		s, err := p.server.AcceptUniStream(background)
		check(err)
		r := newReader("deadline", "server", s, int64(s.StreamID()))
		r.read(100)
		check(s.SetReadDeadline(time.Now().Add(20 * time.Millisecond)))
		if n, err := s.Read(make([]byte, 10)); n != 0 || err == nil {
			check(fmt.Errorf("%d bytes, error %v instead of a deadline", n, err))
		}
		check(s.SetReadDeadline(time.Time{}))
		time.Sleep(200 * time.Millisecond) // longer than a close is held back
		close(next)
		r.toEnd()
		r.log()
		close(done)
	}()
	s, err := p.client.OpenUniStreamSync(background)
	check(err)
	w := newWriter("deadline", "client", s, int64(s.StreamID()))
	w.write(message(1, 100))
	<-next
	w.write(message(2, 3000))
	check(s.Close())
	<-done
	w.log()
}

// stackBuffer reads into a buffer on the goroutine's own stack where the compiler allows it, and the stack moves meanwhile.
func (p pair) stackBuffer() {
	read := make(chan bool)
	go func() {
		s, err := p.server.AcceptUniStream(background)
		check(err)
		name, id := "stack-buffer", int64(s.StreamID())
		started := make(chan bool)
		go func() {
			h := newHalf(name, "server", "read", address(s), id)
			close(started)
			var buffer [600]byte
			for {
				n, err := s.Read(buffer[:])
				h.add(append([]byte(nil), buffer[:n]...))
				if err == io.EOF {
					break
				}
				check(err)
			}
			h.log()
			close(read)
		}()
		<-started
		runtime.GC()
	}()
	s, err := p.client.OpenUniStreamSync(background)
	check(err)
	w := newWriter("stack-buffer", "client", s, int64(s.StreamID()))
	for i := 0; i < 20; i++ {
		w.write(message(i, 1000))
		time.Sleep(time.Millisecond)
		runtime.GC()
	}
	check(s.Close())
	<-read
	w.log()
}

// plain counts a connection of crypto/tls.
type plain struct {
	*tls.Conn
	in, out []byte
}

func (c *plain) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.in = append(c.in, p[:n]...)
	return n, err
}

func (c *plain) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.out = append(c.out, p[:n]...)
	return n, err
}

func (c *plain) log(side string) {
	s := c.ConnectionState()
	write(scenario.Line{PID: os.Getpid(), Kind: "conn", Scenario: "tls", Side: side, TLSConn: fmt.Sprintf("%p", c.Conn),
		Local: c.LocalAddr().String(), Remote: c.RemoteAddr().String(), Version: "TLS 1.3",
		Cipher: tls.CipherSuiteName(s.CipherSuite), Resumed: &s.DidResume, Read: scenario.AmountOf(c.in), Write: scenario.AmountOf(c.out)})
}

func overTCP(certificate tls.Certificate) {
	low, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	done := make(chan bool)
	go func() {
		raw, err := low.Accept()
		check(err)
		server := &plain{Conn: tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{certificate}})}
		_, err = io.CopyN(server, server, 70000)
		check(err)
		server.log("server")
		close(done)
	}()
	raw, err := net.Dial("tcp", low.Addr().String())
	check(err)
	client := &plain{Conn: tls.Client(raw, &tls.Config{InsecureSkipVerify: true})}
	_, err = client.Write(message(9, 70000))
	check(err)
	_, err = io.ReadFull(client, make([]byte, 70000))
	check(err)
	<-done
	client.log("client")
}

func main() {
	logTo := flag.String("log", "/dev/stderr", "append the truth to this file")
	hold := flag.Bool("hold", false, "after \"ready PID\" wait for a line on stdin")
	flag.Parse()
	file, err := os.OpenFile(*logTo, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0600)
	check(err)
	log = json.NewEncoder(file)
	certificate, err := scenario.SelfSigned()
	check(err)
	listener, err := listen("127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"gotls"}})
	check(err)
	fmt.Println("ready", os.Getpid())
	if *hold {
		var line string
		fmt.Scanln(&line)
	}
	p := connect(listener, certificate)
	p.pingPong("ping-pong", []int{1, 13, 4096, 16385, 100000, 300000}, true)
	oneWay("one-way", "client", "server", p.client, p.server, 10, []int{1, 2000, 70000})
	oneWay("one-way", "server", "client", p.server, p.client, 20, []int{5, 40000})
	overTCP(certificate)
	p.parallel(16)
	p.cancel()
	p.deadline()
	p.stackBuffer()
	p.close()
	// The memory of the streams of earlier connections is used again, and the streams' numbers are the same each time.
	for i := 0; i < 60; i++ {
		p := connect(listener, certificate)
		p.pingPong("reuse", []int{100 + i, 3000 - i}, i%2 == 0)
		p.close()
		if i%5 == 4 {
			runtime.GC()
		}
	}
	fmt.Println("done")
}
