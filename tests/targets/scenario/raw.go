package scenario

import (
	"net"
)

// Sizes around the edges that matter: nothing, TLS records (16384), the first small records, pages, powers of two.
var pingSizes = []int{
	1, 2, 13, 100, 1000, 1023, 1024, 1025, 1460, 4095, 4096, 4097, 8192, 0, 16383, 16384, 16385, 32767, 32768, 50001,
	65536, 100000, 262144, 1000003, 1 << 20,
}

// The buffers that Read is given, in turn.
var readSteps = []int{1 << 20, 4096, 333, 16384, 65536}

// answer answers each message with another of the next size.
func answer(r *Run, c *Conn, sizes []int) error {
	for i, n := range sizes {
		if err := readMessage(c, r.Seed+int64(2*i), n, readSteps[i%len(readSteps)]); err != nil {
			return err
		}
		if err := writeMessage(c, r.Seed+int64(2*i+1), sizes[(i+1)%len(sizes)]); err != nil {
			return err
		}
	}
	return nil
}

// pingServer answers until the client, which closes first, ends the stream.
func pingServer(r *Run, c *Conn, sizes []int) error {
	if err := answer(r, c, sizes); err != nil {
		return err
	}
	_, err := readToEOF(c, 512)
	return err
}

func pingClient(r *Run, c *Conn, sizes []int) error {
	for i, n := range sizes {
		r.pause()
		if err := writeMessage(c, r.Seed+int64(2*i), n); err != nil {
			return err
		}
		err := readMessage(c, r.Seed+int64(2*i+1), sizes[(i+1)%len(sizes)], readSteps[(i+2)%len(readSteps)])
		if err != nil {
			return err
		}
	}
	return nil
}

func rawServer(r *Run, l net.Listener) error {
	c, err := r.accept(l, r.serverConfig())
	if err != nil {
		return err
	}
	defer c.Close()
	return pingServer(r, c, pingSizes)
}

func rawClient(r *Run, d dialer) error {
	c, err := r.dial(d, r.clientConfig())
	if err != nil {
		return err
	}
	defer c.Close()
	return pingClient(r, c, pingSizes)
}
