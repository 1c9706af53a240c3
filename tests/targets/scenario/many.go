package scenario

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io/ioutil"
	"math/rand"
	"net"
	"runtime"
	"strconv"
	"sync"
)

// Scenarios of many connections, or of many goroutines on one.

// acceptAll serves n connections side by side. The first message of each tells which one it is, since they may arrive
// in any order.
func (r *Run) acceptAll(l net.Listener, n int, serve func(c *Conn, which int64) error) error {
	var fs []func() error
	config := r.serverConfig()
	for i := 0; i < n; i++ {
		raw, err := l.Accept()
		if err != nil {
			return err
		}
		fs = append(fs, nil)
		c := r.count("server", tls.Server(raw, config), raw)
		fs[i] = func() error {
			defer c.Close()
			id := make([]byte, 8)
			if _, err := c.Read(id); err != nil {
				return err
			}
			which, err := strconv.ParseInt(string(bytes.TrimSpace(id)), 10, 64)
			if err != nil {
				return err
			}
			return serve(c, which)
		}
	}
	return together(fs...)
}

// dialAll makes n connections side by side.
func (r *Run) dialAll(d dialer, n int, use func(c *Conn, which int64) error) error {
	var fs []func() error
	for i := 0; i < n; i++ {
		which := int64(i)
		fs = append(fs, func() error {
			c, err := r.dial(d, r.clientConfig())
			if err != nil {
				return err
			}
			defer c.Close()
			if _, err := fmt.Fprintf(c, "%8d", which); err != nil {
				return err
			}
			return use(c, which)
		})
	}
	return together(fs...)
}

const parallelConns, parallelMessages = 64, 20

// duplex sends and receives series of messages at the same time; their sizes follow from the seeds.
func (r *Run) duplex(c *Conn, outSeed, inSeed int64) error {
	size := func(rng *rand.Rand) int {
		if rng.Intn(8) == 0 {
			return rng.Intn(70000)
		}
		return rng.Intn(3000)
	}
	return together(
		func() error {
			rng := rand.New(rand.NewSource(outSeed))
			for i := int64(0); i < parallelMessages; i++ {
				r.pause()
				if err := writeMessage(c, outSeed+i, size(rng)); err != nil {
					return err
				}
			}
			return nil
		},
		func() error {
			rng := rand.New(rand.NewSource(inSeed))
			for i := int64(0); i < parallelMessages; i++ {
				if err := readMessage(c, inSeed+i, size(rng), readSteps[int(i)%len(readSteps)]); err != nil {
					return err
				}
			}
			return nil
		})
}

func parallelServer(r *Run, l net.Listener) error {
	return r.acceptAll(l, parallelConns, func(c *Conn, which int64) error {
		if err := r.duplex(c, r.Seed+1000*which+500, r.Seed+1000*which); err != nil {
			return err
		}
		_, err := readToEOF(c, 512)
		return err
	})
}

func parallelClient(r *Run, d dialer) error {
	return r.dialAll(d, parallelConns, func(c *Conn, which int64) error {
		return r.duplex(c, r.Seed+1000*which, r.Seed+1000*which+500)
	})
}

const writers, writerMessages = 8, 25

// writersClient lets several goroutines write to one connection. TLS keeps each Write in one piece; the order between
// them is known to the reader only.
func writersClient(r *Run, d dialer) error {
	c, err := r.dial(d, r.clientConfig())
	if err != nil {
		return err
	}
	defer c.Close()
	c.Line.Unordered = true
	var fs []func() error
	totals := make([]tally, writers)
	for w := 0; w < writers; w++ {
		w := w
		fs = append(fs, func() error {
			rng := rand.New(rand.NewSource(r.Seed + int64(w)))
			for i := 0; i < writerMessages; i++ {
				r.pause()
				n := rng.Intn(40000)
				message := append([]byte(fmt.Sprintf("w%d m%d n%d\n", w, i, n)), data(r.Seed+int64(100*w+i), n)...)
				if _, err := c.Write(message); err != nil {
					return err
				}
				totals[w].add(message)
			}
			return nil
		})
	}
	if err := together(fs...); err != nil {
		return err
	}
	for w := range totals {
		c.Line.Writers = append(c.Line.Writers, totals[w].amount())
	}
	if err := c.tls.CloseWrite(); err != nil {
		return err
	}
	_, err = ioutil.ReadAll(c)
	return err
}

func writersServer(r *Run, l net.Listener) error {
	c, err := r.accept(l, r.serverConfig())
	if err != nil {
		return err
	}
	defer c.Close()
	all, err := readToEOF(c, 10000)
	if err != nil {
		return err
	}
	next := make([]int, writers)
	for rest := all; len(rest) > 0; {
		var w, i, n int
		head := bytes.IndexByte(rest, '\n')
		if _, err := fmt.Sscanf(string(rest[:head+1]), "w%d m%d n%d\n", &w, &i, &n); err != nil {
			return err
		}
		if i != next[w] || !bytes.Equal(rest[head+1:head+1+n], data(r.Seed+int64(100*w+i), n)) {
			return fmt.Errorf("message %d of writer %d is out of order or different", i, w)
		}
		next[w]++
		rest = rest[head+1+n:]
	}
	_, err = c.Write([]byte(AmountOf(all).SHA256))
	return err
}

const shortConns, reuseConns = 300, 300

// exchange is one small message each way.
func (r *Run) smallServer(c *Conn, i int) error {
	if err := readMessage(c, r.Seed+int64(i), 20+i, 4096); err != nil {
		return err
	}
	return writeMessage(c, r.Seed-int64(i), 300-i/2)
}

func (r *Run) smallClient(c *Conn, i int) error {
	if err := writeMessage(c, r.Seed+int64(i), 20+i); err != nil {
		return err
	}
	return readMessage(c, r.Seed-int64(i), 300-i/2, 4096)
}

func shortServer(r *Run, l net.Listener) error {
	config := r.serverConfig()
	for i := 0; i < shortConns; i++ {
		c, err := r.accept(l, config)
		if err == nil {
			err = r.smallServer(c, i)
		}
		if err != nil {
			return err
		}
		c.Close()
		if i%50 == 49 {
			runtime.GC()
		}
	}
	return nil
}

func shortClient(r *Run, d dialer) error {
	config := r.clientConfig()
	for i := 0; i < shortConns; i++ {
		r.pause()
		c, err := r.dial(d, config)
		if err == nil {
			err = r.smallClient(c, i)
		}
		if err != nil {
			return err
		}
		c.Close()
	}
	return nil
}

// addresses counts how often a *tls.Conn lies where another one lay before.
type addresses struct {
	mu     sync.Mutex
	seen   map[string]bool
	reused int64
}

func (a *addresses) add(c *tls.Conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.seen == nil {
		a.seen = map[string]bool{}
	}
	// The text, not the pointer: that one would keep the connection alive.
	address := fmt.Sprintf("%p", c)
	if a.seen[address] {
		a.reused++
	}
	a.seen[address] = true
}

// The connections of reuse are never closed: the garbage collector frees them and closes their sockets, so that no
// call tells of the end, and the memory goes to later connections.
func (r *Run) drop(a *addresses, c *Conn, i int) {
	a.add(c.tls)
	c.log()
	if i%5 == 4 {
		runtime.GC()
		runtime.GC() // what a finalizer kept goes only now
	}
}

func (r *Run) reuseSummary(side string, a *addresses) error {
	r.log.put(Line{Kind: "summary", Scenario: r.name, Side: side,
		Counts: map[string]int64{"connections": reuseConns, "reused_addresses": a.reused}})
	if a.reused == 0 {
		return fmt.Errorf("%s: no *tls.Conn lay where another one did", side)
	}
	return nil
}

func reuseServer(r *Run, l net.Listener) error {
	var a addresses
	config := r.serverConfig()
	for i := 0; i < reuseConns; i++ {
		c, err := r.accept(l, config)
		if err == nil {
			err = r.smallServer(c, i)
		}
		if err != nil {
			return err
		}
		r.drop(&a, c, i)
	}
	return r.reuseSummary("server", &a)
}

func reuseClient(r *Run, d dialer) error {
	var a addresses
	config := r.clientConfig()
	for i := 0; i < reuseConns; i++ {
		r.pause()
		c, err := r.dial(d, config)
		if err == nil {
			err = r.smallClient(c, i)
		}
		if err != nil {
			return err
		}
		r.drop(&a, c, i)
	}
	return r.reuseSummary("client", &a)
}
