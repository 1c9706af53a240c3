// answered BYTES: an HTTPS client, one request after the other on one connection, whose Write returns only when the response
// has been read, and a server that gives BYTES to one Write. Prints "METHOD PATH STATUS BYTES" for each.
package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "answered:", err)
		os.Exit(1)
	}
}

// A transport that stays in Write until `answered` says so.
type slow struct {
	net.Conn
	answered chan bool
}

func (c *slow) Write(bytes []byte) (int, error) {
	n, err := c.Conn.Write(bytes)
	if c.answered != nil {
		<-c.answered
	}
	return n, err
}

func main() {
	bytes, err := strconv.Atoi(os.Args[1])
	must(err)
	idle := make(chan bool, 3) // the server's Write has returned
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Length", os.Args[1])
		fmt.Fprint(w, strings.Repeat("x", bytes))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateIdle {
			idle <- true
		}
	}
	server.StartTLS()
	tcp, err := net.Dial("tcp", server.Listener.Addr().String())
	must(err)
	transport := &slow{Conn: tcp}
	conn := tls.Client(transport, &tls.Config{InsecureSkipVerify: true})
	must(conn.Handshake())
	transport.answered = make(chan bool)
	written := make(chan error)
	reader := bufio.NewReader(conn)
	for _, path := range []string{"/first", "/second", "/third"} {
		go func() {
			_, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: answered.test\r\n\r\n", path)
			written <- err
		}()
		response, err := http.ReadResponse(reader, nil)
		must(err)
		body, err := io.ReadAll(response.Body)
		must(err)
		transport.answered <- true
		must(<-written)
		<-idle
		fmt.Println("GET", path, response.StatusCode, len(body))
	}
}
