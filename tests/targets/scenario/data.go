package scenario

import (
	"bytes"
	"fmt"
	"io"
	"math/rand"
)

// data is n bytes that depend on seed alone: lines of text and of noise in turn, so that a person who looks at a dump
// sees where it comes from, and a compressor or a text filter is still put to the test.
func data(seed int64, n int) []byte {
	p := make([]byte, n)
	rng := rand.New(rand.NewSource(seed))
	rng.Read(p)
	for at := 0; at < n; at += 128 {
		copy(p[at:], fmt.Sprintf("seed %d offset %d: the quick brown fox jumps over the dog\n", seed, at))
	}
	return p
}

// readMessage reads exactly n bytes in Reads of at most step, and checks that they are data(seed, n).
func readMessage(c io.Reader, seed int64, n, step int) error {
	got := make([]byte, n)
	for at := 0; at < n; {
		end := at + step
		if end > n {
			end = n
		}
		m, err := c.Read(got[at:end])
		at += m
		if err != nil && at < n {
			return fmt.Errorf("read %d of %d bytes: %v", at, n, err)
		}
	}
	if !bytes.Equal(got, data(seed, n)) {
		return fmt.Errorf("message %d of %d bytes came out different", seed, n)
	}
	return nil
}

// readToEOF reads until the peer ends the stream.
func readToEOF(c io.Reader, step int) ([]byte, error) {
	var all []byte
	buf := make([]byte, step)
	for {
		n, err := c.Read(buf)
		all = append(all, buf[:n]...)
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
	}
}

func writeMessage(c io.Writer, seed int64, n int) error {
	m, err := c.Write(data(seed, n))
	if err == nil && m != n {
		err = io.ErrShortWrite
	}
	return err
}
