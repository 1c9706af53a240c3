// A small HTTPS server for load tests: HTTP/1.1 keep-alive, an answer of 33 bytes.
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"

	"gotls.test/targets/scenario"
)

const body = "the answer is thirty-three bytes\n"

func serve(listen string) error {
	cert, err := scenario.SelfSigned()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			w.Write([]byte(body))
		}),
		TLSConfig:    &tls.Config{Certificates: []tls.Certificate{cert}},
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}, // no HTTP/2
	}
	return server.ServeTLS(l, "", "")
}

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to listen on; the chosen one is printed")
	flag.Parse()
	if err := serve(*listen); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
