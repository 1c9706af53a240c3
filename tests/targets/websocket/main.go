// websocket: a WebSocket service and its clients in one program: with compression and without, fragments, control frames
// amid them, all sizes of lengths, several ways to end.
package main

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/gorilla/websocket"

	"gotls.test/targets/service"
)

func main() { service.Main(run) }

// variant is one connection.
type variant struct {
	name     string
	compress bool
	protocol string // subprotocol
	buffer   int    // of the writers: longer messages go out in fragments
	ending   string // who ends it: "client", "server", or "nobody": without a close frame
}

var variants = []variant{
	{name: "plain", buffer: 1 << 21, ending: "client"},
	{name: "fragments", buffer: 1000, protocol: "chat.v2", ending: "server"},
	{name: "compressed", compress: true, buffer: 1 << 21, ending: "client"},
	{name: "compressed-fragments", compress: true, buffer: 700, ending: "server"},
	{name: "lost", buffer: 4096, ending: "nobody"},
}

func run(p *service.Program) error {
	if p.Role == "client" {
		return visitAll(p, p.Connect, nil)
	}
	l, err := net.Listen("tcp", p.Listen)
	if err != nil {
		return err
	}
	ended := make(chan error, 100)
	var busy sync.WaitGroup
	s := &http.Server{TLSConfig: p.ServerConfig("http/1.1"), Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		busy.Add(1)
		defer busy.Done()
		ended <- serve(p, w, q)
	})}
	go s.ServeTLS(l, "", "")
	if p.Role == "server" {
		fmt.Println("listening", l.Addr())
		fmt.Println("ready")
		p.AwaitEnd()
		busy.Wait()
		return nil
	}
	if err := visitAll(p, l.Addr().String(), ended); err != nil {
		return err
	}
	return s.Close()
}

// visitAll makes the connections one after the other, and hears from the server's ends if these are in this process.
func visitAll(p *service.Program, address string, ended <-chan error) error {
	p.Ready()
	for _, v := range variants {
		if err := visit(p, v, address); err != nil {
			return fmt.Errorf("%s, client: %v", v.name, err)
		}
		if ended == nil {
			continue
		}
		if err := <-ended; err != nil {
			return fmt.Errorf("%s, server: %v", v.name, err)
		}
	}
	return nil
}

func visit(p *service.Program, v variant, address string) error {
	dialer := websocket.Dialer{TLSClientConfig: p.ClientConfig(), EnableCompression: v.compress, WriteBufferSize: v.buffer,
		Subprotocols: []string{"chat.v1", "chat.v2"}}
	conn, answer, err := dialer.Dial("wss://"+address+"/socket/"+v.name, http.Header{"X-Variant": {v.name}})
	if err != nil {
		return err
	}
	defer conn.Close()
	end := newEnd(p, conn, "client", v, "/socket/"+v.name)
	end.line.Compressed = strings.Contains(answer.Header.Get("Sec-Websocket-Extensions"), "permessage-deflate")
	if end.line.Compressed != v.compress || conn.Subprotocol() != v.protocol {
		return fmt.Errorf("agreed on %v, %q", end.line.Compressed, conn.Subprotocol())
	}
	return end.talk()
}

func serve(p *service.Program, w http.ResponseWriter, q *http.Request) error {
	var v variant
	for _, one := range variants {
		if one.name == q.Header.Get("X-Variant") {
			v = one
		}
	}
	upgrader := websocket.Upgrader{EnableCompression: v.compress, WriteBufferSize: v.buffer}
	if v.protocol != "" {
		upgrader.Subprotocols = []string{v.protocol}
	}
	conn, err := upgrader.Upgrade(w, q, nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	end := newEnd(p, conn, "server", v, q.RequestURI)
	end.line.Compressed = v.compress
	return end.talk()
}
