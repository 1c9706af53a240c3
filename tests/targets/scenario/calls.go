package scenario

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/ioutil"
	"net"
	"os"
	"syscall"
	"time"
	"unsafe"
)

// Scenarios about single calls of Read and Write: where the buffer lies, how big it is, and how the call ends.

const stackConns = 50

// readOnStack reads n bytes into a buffer on its own stack. Its first Read shakes hands too, which needs more stack
// than a new goroutine has: the stack moves, and the buffer with it, while the call is under way.
// The *tls.Conn is used as it is and the bytes are copied out, as an interface in between would put the buffer on the
// heap; "go build -gcflags=-m" must not say "moved to heap: buf".
//
//go:noinline
func readOnStack(c *tls.Conn, n int) (got []byte, moved bool, err error) {
	var buf [2048]byte
	before := address(&buf[0])
	for err == nil && len(got) < n {
		var m int
		m, err = c.Read(buf[:])
		got = append(got, buf[:m]...)
	}
	return got, address(&buf[0]) != before, err
}

// readOnSmallStack is the same with less. Whether a stack moves depends on how much of it is left after the buffer; of
// the two sizes, one at least moves with every version of Go.
//
//go:noinline
func readOnSmallStack(c *tls.Conn, n int) (got []byte, moved bool, err error) {
	var buf [300]byte
	before := address(&buf[0])
	for err == nil && len(got) < n {
		var m int
		m, err = c.Read(buf[:])
		got = append(got, buf[:m]...)
	}
	return got, address(&buf[0]) != before, err
}

// address is a plain number, which stays as it is when the stack moves. Inlined, it might share a slot with the pointer.
//
//go:noinline
func address(p *byte) uintptr { return uintptr(unsafe.Pointer(p)) }

// stackRead reads a message in a fresh goroutine.
func (r *Run) stackRead(c *Conn, seed int64, n int) (moved bool, err error) {
	var got []byte
	conn, done := c.tls, make(chan struct{})
	go func() {
		if n%2 == 0 {
			got, moved, err = readOnStack(conn, n)
		} else {
			got, moved, err = readOnSmallStack(conn, n)
		}
		close(done)
	}()
	<-done
	c.in.add(got)
	if !bytes.Equal(got, data(seed, n)) {
		return moved, fmt.Errorf("the message came out different (%v)", err)
	}
	if err == io.EOF { // together with the last data
		err = nil
	}
	return moved, err
}

func stackSize(i int) int { return 1 + i*97 + i/2%2 }

// stackTalk sends a message each way. In even connections the client talks first, so that the server's first call is
// Read; in odd ones the server does.
func (r *Run) stackTalk(c *Conn, i int, readsFirst bool) (moved bool, err error) {
	defer c.Close()
	if readsFirst {
		if moved, err = r.stackRead(c, r.Seed+int64(i), stackSize(i)); err != nil {
			return moved, err
		}
		return moved, writeMessage(c, r.Seed-int64(i), stackSize(i))
	}
	if err := writeMessage(c, r.Seed+int64(i), stackSize(i)); err != nil {
		return false, err
	}
	return r.stackRead(c, r.Seed-int64(i), stackSize(i))
}

// stackTalks makes the connections one after the other.
func (r *Run) stackTalks(side string, connect func() (*Conn, error), readsFirst int) error {
	count := int64(0)
	for i := 0; i < stackConns; i++ {
		r.pause()
		c, err := connect()
		if err != nil {
			return err
		}
		moved, err := r.stackTalk(c, i, i%2 == readsFirst)
		if err != nil {
			return err
		}
		if moved {
			count++
		}
	}
	r.log.put(Line{Kind: "summary", Scenario: r.name, Side: side,
		Counts: map[string]int64{"connections": stackConns, "moved_stacks": count}})
	if count == 0 {
		return errors.New("no stack moved")
	}
	return nil
}

func stackServer(r *Run, l net.Listener) error {
	config := r.serverConfig()
	return r.stackTalks("server", func() (*Conn, error) {
		raw, err := l.Accept()
		return r.count("server", tls.Server(raw, config), raw), err
	}, 0)
}

func stackClient(r *Run, d dialer) error {
	config := r.clientConfig()
	return r.stackTalks("client", func() (*Conn, error) {
		raw, err := d()
		return r.count("client", tls.Client(raw, config), raw), err
	}, 1)
}

const eofConns = 20

// eofServer waits until data and close_notify are both there. With TLS 1.2 Go then returns them from the same Read.
func eofServer(r *Run, l net.Listener) error {
	both := int64(0)
	for i := 0; i < eofConns; i++ {
		c, err := r.accept(l, r.serverConfig())
		if err != nil {
			return err
		}
		time.Sleep(20 * time.Millisecond)
		buf := make([]byte, 4096)
		for err == nil {
			var n int
			n, err = c.Read(buf)
			if n > 0 && err == io.EOF {
				both++
			}
		}
		c.Close()
		if err != io.EOF {
			return err
		}
	}
	r.log.put(Line{Kind: "summary", Scenario: r.name, Side: "server",
		Counts: map[string]int64{"connections": eofConns, "data_with_eof": both}})
	if both == 0 {
		return errors.New("no Read returned data together with EOF")
	}
	return nil
}

func eofClient(r *Run, d dialer) error {
	for i := 0; i < eofConns; i++ {
		c, err := r.dial(d, r.clientConfig())
		if err != nil {
			return err
		}
		if err := writeMessage(c, r.Seed+int64(i), 1+50*i); err != nil {
			return err
		}
		c.Close()
	}
	return nil
}

// pair is a scenario of one connection.
func pair(doc string, serve, use func(*Run, *Conn) error) entry {
	server := func(r *Run, l net.Listener) error {
		c, err := r.accept(l, r.serverConfig())
		if err != nil {
			return err
		}
		defer c.Close()
		return serve(r, c)
	}
	client := func(r *Run, d dialer) error {
		c, err := r.dial(d, r.clientConfig())
		if err != nil {
			return err
		}
		defer c.Close()
		return use(r, c)
	}
	return entry{doc: doc, server: server, client: client}
}

func onebyteServe(r *Run, c *Conn) error {
	if err := readMessage(c, r.Seed, 5000, 1); err != nil {
		return err
	}
	for _, b := range data(r.Seed+1, 500) {
		if _, err := c.Write([]byte{b}); err != nil {
			return err
		}
	}
	return nil
}

func onebyteUse(r *Run, c *Conn) error {
	if err := writeMessage(c, r.Seed, 5000); err != nil {
		return err
	}
	return readMessage(c, r.Seed+1, 500, 1)
}

func bigbufServe(r *Run, c *Conn) error {
	for i := int64(0); i < 20; i++ {
		if err := writeMessage(c, r.Seed+i, int(1+i*i*1000)); err != nil {
			return err
		}
	}
	return nil
}

func bigbufUse(r *Run, c *Conn) error {
	all, err := readToEOF(c, 256<<10)
	if err != nil {
		return err
	}
	for i := int64(0); i < 20; i++ {
		n := int(1 + i*i*1000)
		if len(all) < n || !bytes.Equal(all[:n], data(r.Seed+i, n)) {
			return fmt.Errorf("message %d came out different", i)
		}
		all = all[n:]
	}
	return nil
}

func halfcloseServe(r *Run, c *Conn) error {
	if _, err := readToEOF(c, 5000); err != nil {
		return err
	}
	return writeMessage(c, r.Seed+1, 200000)
}

func halfcloseUse(r *Run, c *Conn) error {
	if err := writeMessage(c, r.Seed, 100000); err != nil {
		return err
	}
	if err := c.tls.CloseWrite(); err != nil {
		return err
	}
	return readMessage(c, r.Seed+1, 200000, 5000)
}

const zeroBytes, mappedBytes = 8 << 20, 8<<20 + 123

// zerobufServe reads into fresh memory as well.
func zerobufServe(r *Run, c *Conn) error {
	zeros := make([]byte, zeroBytes)
	if _, err := io.ReadFull(c, zeros); err != nil {
		return err
	}
	if !bytes.Equal(zeros, make([]byte, zeroBytes)) {
		return errors.New("zeros came out different")
	}
	if err := readMessage(c, r.Seed, mappedBytes, 1<<20); err != nil {
		return err
	}
	_, err := c.Write([]byte("ok"))
	return err
}

// zerobufUse writes memory that no page table knows yet: a tracer that reads it when Write is entered finds nothing.
func zerobufUse(r *Run, c *Conn) error {
	if _, err := c.Write(make([]byte, zeroBytes)); err != nil {
		return err
	}
	f, err := ioutil.TempFile("", "gotls-target")
	if err != nil {
		return err
	}
	defer f.Close()
	defer os.Remove(f.Name())
	if _, err := f.Write(data(r.Seed, mappedBytes)); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	const dontneed = 4 // drops the file from the page cache too, so that a fault has to wait for the disk
	syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, dontneed, 0, 0)
	mapped, err := syscall.Mmap(int(f.Fd()), 0, mappedBytes, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return err
	}
	defer syscall.Munmap(mapped)
	if _, err := c.Write(mapped); err != nil {
		return err
	}
	_, err = io.ReadFull(c, make([]byte, 2))
	return err
}

// The two ways in which writefail's Write ends early, one connection each.
var writeFailures = []string{"reset", "deadline"}

const failLength = 32 << 20

func writefailServer(r *Run, l net.Listener) error {
	for _, failure := range writeFailures {
		c, err := r.accept(l, r.serverConfig())
		if err != nil {
			return err
		}
		c.Line.Note = failure
		if _, err := io.ReadFull(c, make([]byte, 100000)); err != nil {
			return err
		}
		if failure == "reset" {
			time.Sleep(100 * time.Millisecond) // until the client's Write is stuck
			c.raw.(*net.TCPConn).SetLinger(0)
			c.raw.Close()
			c.log()
			continue
		}
		time.Sleep(500 * time.Millisecond) // until the client has given up
		_, err = readToEOF(c, 65536)
		if err == nil {
			return errors.New("the stream ended well although Write failed")
		}
		c.Line.Error = err.Error()
		c.Close()
	}
	return nil
}

func writefailClient(r *Run, d dialer) error {
	message := data(r.Seed, failLength)
	for _, failure := range writeFailures {
		c, err := r.dial(d, r.clientConfig())
		if err != nil {
			return err
		}
		c.Line.Note = failure
		if failure == "deadline" {
			c.tls.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
		}
		n, err := c.Write(message)
		if err == nil || n >= len(message) {
			return fmt.Errorf("%s: Write returned %d, %v", failure, n, err)
		}
		c.Line.Error = err.Error()
		r.log.put(Line{Kind: "summary", Scenario: r.name, Side: "client", Note: failure, Error: err.Error(),
			Counts: map[string]int64{"len": int64(len(message)), "n": int64(n)}})
		c.Close()
	}
	return nil
}
