package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"gotls.test/targets/service"
)

// rawClient writes HTTP/1 by hand: what net/http's client never sends.
type rawClient struct {
	program *service.Program
	address string
	number  *int64
}

// rawAsk is a request, and what it looks like on the wire.
type rawAsk struct {
	label, method, path, wire string
	body                      []byte
	trailers                  []service.Field
}

// talk writes the requests on a new connection, in pieces of `step` bytes, and only then reads the responses.
func (c *rawClient) talk(list []rawAsk, step int) error {
	conn, err := tls.Dial("tcp", c.address, c.program.ClientConfig("http/1.1"))
	if err != nil {
		return err
	}
	defer conn.Close()
	var wire string
	for _, a := range list {
		wire += a.wire
	}
	for len(wire) > 0 {
		n := step
		if n > len(wire) {
			n = len(wire)
		}
		if _, err := io.WriteString(conn, wire[:n]); err != nil {
			return err
		}
		wire = wire[n:]
	}
	reader := bufio.NewReader(conn)
	for _, a := range list {
		if err := c.answer(conn, reader, a); err != nil {
			return fmt.Errorf("%s: %v", a.label, err)
		}
	}
	return nil
}

func (c *rawClient) line(conn *tls.Conn, a rawAsk) *service.Exchange {
	return &service.Exchange{Side: "client", Label: a.label, Local: conn.LocalAddr().String(), Remote: conn.RemoteAddr().String(),
		Method: a.method, Path: a.path, RequestBody: service.AmountOf(a.body), RequestTrailers: a.trailers}
}

func (c *rawClient) answer(conn *tls.Conn, reader *bufio.Reader, a rawAsk) error {
	answer, err := http.ReadResponse(reader, &http.Request{Method: a.method})
	if err != nil {
		return err
	}
	body, err := readAll(answer.Body)
	if err != nil {
		return err
	}
	line := c.line(conn, a)
	line.Proto, line.Status, line.ResponseBody = answer.Proto, answer.StatusCode, service.AmountOf(body)
	line.ResponseHeaders = service.Fields(answer.Header)
	c.program.PutExchange(line)
	return nil
}

// pipelined requests follow each other without waiting.
func (c *rawClient) pipelined() []rawAsk {
	var list []rawAsk
	add := func(method, path, head string, body []byte) {
		path = numbered(path, c.number)
		if body != nil {
			head += "Content-Length: " + strconv.Itoa(len(body)) + "\r\n"
		}
		list = append(list, rawAsk{label: "pipelined", method: method, path: path, body: body,
			wire: method + " " + path + " HTTP/1.1\r\nHost: raw.example\r\n" + head + "\r\n" + string(body)})
	}
	add("GET", "/any?down=10", "", nil)
	add("POST", "/any?down=3000&parts=3", "", service.Data(1, 2000))
	add("HEAD", "/any?down=77&sized=1", "", nil)
	add("GET", "/any?status=204&quiet=1", "x-lower:  spaces around  \r\n", nil)
	add("GET", "/any?status=304&quiet=1", "", nil)
	add("PUT", "/any?down=1", "", []byte{})
	add("GET", "/any?down=100000&sized=1", "", nil)
	return list
}

// odd is a chunked request with all that chunks may have, an absolute target, and one that ends with its connection.
func (c *rawClient) odd() [][]rawAsk {
	path := numbered("/any?down=10", c.number)
	chunked := rawAsk{label: "chunks", method: "POST", path: path, body: []byte("Wikipedia in chunks."),
		trailers: []service.Field{{"X-Sum", "abc"}},
		wire: "POST " + path + " HTTP/1.1\r\nHost: raw.example\r\ntransfer-encoding: Chunked\r\nTrailer: X-Sum\r\n\r\n" +
			"4;name=value\r\nWiki\r\n5; q=\"a;b\"\r\npedia\r\n00B\r\n in chunks.\r\n000\r\nX-Sum: abc\r\n\r\n"}
	target := "https://raw.example" + numbered("/any?down=10", c.number)
	absolute := rawAsk{label: "absolute", method: "GET", path: target,
		wire: "GET " + target + " HTTP/1.1\r\nHost: raw.example\r\n\r\n"}
	path = numbered("/any?down=20000&parts=5", c.number)
	old := rawAsk{label: "http/1.0", method: "GET", path: path, wire: "GET " + path + " HTTP/1.0\r\n\r\n"}
	return [][]rawAsk{{chunked, absolute}, {old}}
}

// tunnel ends HTTP on its connection, by CONNECT or by an upgrade.
func (c *rawClient) tunnel(method, path, head string) error {
	conn, err := tls.Dial("tcp", c.address, c.program.ClientConfig("http/1.1"))
	if err != nil {
		return err
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: raw.example\r\n%s\r\n", method, path, head)
	answer, err := http.ReadResponse(reader, &http.Request{Method: method})
	if err != nil {
		return err
	}
	var up, down []byte
	for i := 1; i < 20; i++ {
		message := service.Text(int64(i), 100*i)
		// It looks like HTTP, and is none.
		if i == 3 {
			message = []byte("GET /not-a-request HTTP/1.1\r\nHost: nobody\r\n\r\n")
		}
		if _, err := conn.Write(message); err != nil {
			return err
		}
		back := make([]byte, len(strings.ToUpper(string(message))))
		if _, err := io.ReadFull(reader, back); err != nil {
			return err
		}
		up, down = append(up, message...), append(down, back...)
	}
	line := c.line(conn, rawAsk{label: "tunnel", method: method, path: path})
	line.Proto, line.Status, line.Host = answer.Proto, answer.StatusCode, "raw.example"
	line.Up, line.Down = service.AmountOf(up), service.AmountOf(down)
	c.program.PutExchange(line)
	return nil
}

func (c *rawClient) all() error {
	if err := c.talk(c.pipelined(), 1<<20); err != nil {
		return err
	}
	if err := c.talk(c.pipelined()[:3], 1); err != nil {
		return err
	}
	for _, list := range c.odd() {
		if err := c.talk(list, 7); err != nil {
			return err
		}
	}
	if err := c.tunnel("CONNECT", "db.example:5432", ""); err != nil {
		return err
	}
	return c.tunnel("GET", numbered("/upgrade", c.number), "Connection: keep-alive, Upgrade\r\nUpgrade: echo\r\n")
}
