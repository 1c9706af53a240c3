package scenario

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

// Scenarios about when connections and processes begin and end.

const openConns = 4

// startWhen says ready when all connections are open, and the server waits in Read.
func (r *Run) startWhen(opened *sync.WaitGroup) {
	opened.Wait()
	time.Sleep(50 * time.Millisecond)
	r.start()
}

// preopenServer's goroutines wait inside Read when the start signal comes: that Read was entered before a tracer
// came, and returns what was sent after.
func preopenServer(r *Run, l net.Listener) error {
	var opened sync.WaitGroup
	opened.Add(openConns)
	go r.startWhen(&opened)
	return r.acceptAll(l, openConns, func(c *Conn, which int64) error {
		if err := answer(r, c, layerSizes); err != nil {
			return err
		}
		c.mark()
		opened.Done()
		return pingServer(r, c, layerSizes)
	})
}

func preopenClient(r *Run, d dialer) error {
	var opened sync.WaitGroup
	opened.Add(openConns)
	go r.startWhen(&opened)
	return r.dialAll(d, openConns, func(c *Conn, which int64) error {
		if err := pingClient(r, c, layerSizes); err != nil {
			return err
		}
		c.mark()
		opened.Done()
		<-r.started
		return pingClient(r, c, layerSizes)
	})
}

// What sni-alpn's client asks for; the second connection resumes the first one's session.
var greetings = []struct {
	name    string
	protos  []string
	resumed bool
}{
	{"one.gotls.test", []string{"gotls-b", "gotls-a"}, false},
	{"one.gotls.test", []string{"gotls-b", "gotls-a"}, true},
	{"two.gotls.test", []string{"gotls-a"}, false},
	{"", nil, false},
}

func sniServer(r *Run, l net.Listener) error {
	config := r.serverConfig()
	config.NextProtos = []string{"gotls-a", "gotls-b"}
	for range greetings {
		c, err := r.accept(l, config)
		if err != nil {
			return err
		}
		if err := pingServer(r, c, layerSizes); err != nil {
			return err
		}
		c.Close()
	}
	return nil
}

func sniClient(r *Run, d dialer) error {
	config := r.clientConfig()
	config.ClientSessionCache = tls.NewLRUClientSessionCache(8)
	for i, g := range greetings {
		config.ServerName, config.NextProtos = g.name, g.protos
		c, err := r.dial(d, config.Clone())
		if err != nil {
			return err
		}
		if got := c.tls.ConnectionState().DidResume; got != g.resumed {
			return fmt.Errorf("connection %d: resumed is %v", i, got)
		}
		if err := pingClient(r, c, layerSizes); err != nil {
			return err
		}
		c.Close()
	}
	return nil
}

// soakPause keeps soak from taking the whole machine.
const soakPause = 2 * time.Millisecond

func (r *Run) soakWait() (goOn bool) {
	pause := r.Delay
	if pause == 0 {
		pause = soakPause
	}
	select {
	case <-r.stopped:
		return false
	case <-time.After(pause):
		return true
	}
}

func (r *Run) isStopped() bool {
	select {
	case <-r.stopped:
		return true
	default:
		return false
	}
}

// soakServer sends back what it gets: a length of four bytes and as many bytes more.
func soakServer(r *Run, l net.Listener) error {
	go func() {
		<-r.stopped
		l.Close() // in case that no client ever came
	}()
	err := r.acceptAll(l, openConns, func(c *Conn, which int64) error {
		go func() {
			<-r.stopped
			time.Sleep(500 * time.Millisecond) // a client in this process ends the stream before that
			c.tls.SetDeadline(time.Now())
		}()
		head := make([]byte, 4)
		for {
			if _, err := io.ReadFull(c, head); err != nil {
				if err == io.EOF || r.isStopped() {
					return nil
				}
				return err
			}
			message := make([]byte, binary.BigEndian.Uint32(head))
			if _, err := io.ReadFull(c, message); err != nil {
				return err
			}
			if _, err := c.Write(message); err != nil {
				return err
			}
		}
	})
	if r.isStopped() {
		return nil
	}
	return err
}

func soakClient(r *Run, d dialer) error {
	return r.dialAll(d, openConns, func(c *Conn, which int64) error {
		rng := rand.New(rand.NewSource(r.Seed + which))
		for i := int64(0); r.soakWait(); i++ {
			message := data(r.Seed+which+i, 1+rng.Intn(20000))
			head := make([]byte, 4)
			binary.BigEndian.PutUint32(head, uint32(len(message)))
			if _, err := c.Write(append(head, message...)); err != nil {
				return err
			}
			back := make([]byte, len(message))
			if _, err := io.ReadFull(c, back); err != nil {
				return err
			}
			if !bytes.Equal(back, message) {
				return errors.New("a message came back different")
			}
		}
		return nil
	})
}

// soakHTTPServer serves until it is told to stop, and a little longer, for the requests under way.
func soakHTTPServer(r *Run, l net.Listener) error {
	seen := make(chan struct{})
	go func() {
		for range seen {
		}
	}()
	server := &http.Server{Handler: r.httpHandler(seen)}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(wireListener{l, r}) }()
	select {
	case err := <-ended:
		return err
	case <-r.stopped:
		time.Sleep(300 * time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	return server.Shutdown(ctx)
}

func soakHTTPClient(r *Run, d dialer) error {
	transport := r.wireTransport(d)
	transport.MaxIdleConnsPerHost = openConns
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	seed := r.Seed
	request := func() error {
		rng := rand.New(rand.NewSource(atomic.AddInt64(&seed, 1)))
		for r.soakWait() {
			next := atomic.AddInt64(&seed, 1)
			err := r.httpRequest(client, "https://localhost", "POST", next, rng.Intn(5000), rng.Intn(20000), next%2 == 0)
			if err != nil && !r.isStopped() {
				return err
			}
		}
		return nil
	}
	return together(request, request, request, request)
}

// spawn makes traffic of its own, then has a child make some, from the same binary, and makes some again.
func spawn(r *Run) error {
	if r.Embedded {
		return errors.New("a library can't run itself")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	raw := func() error {
		return together(
			func() error { return rawServer(r, l) },
			func() error {
				return rawClient(r, func() (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) })
			})
	}
	if err := raw(); err != nil {
		return err
	}
	child := exec.Command("/proc/self/exe", "-scenario", r.Child, "-tls", r.TLS, "-log", r.Log, "-hold",
		"-seed", fmt.Sprint(r.Seed+1000))
	child.Stderr = os.Stderr
	stdin, err := child.StdinPipe()
	if err != nil {
		return err
	}
	if err := child.Start(); err != nil {
		return err
	}
	fmt.Println("child", child.Process.Pid)
	// A tracer that follows children needs a moment to find this one.
	wait := r.Delay
	if wait == 0 {
		wait = 200 * time.Millisecond
	}
	time.Sleep(wait)
	if _, err := stdin.Write([]byte("\n")); err != nil {
		return err
	}
	if err := child.Wait(); err != nil {
		return fmt.Errorf("child: %v", err)
	}
	return raw()
}
