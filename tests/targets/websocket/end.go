package main

import (
	"fmt"
	"os"
	"time"

	"github.com/gorilla/websocket"

	"gotls.test/targets/service"
)

// message is what an end sent or received, in the order of each direction.
type message struct {
	Kind string `json:"kind"` // "text", "binary", "ping", "pong", "close"
	*service.Amount
	Code int `json:"code,omitempty"` // of a close
}

// talkLine is one end's view of a connection.
type talkLine struct {
	PID        int       `json:"pid"`
	Kind       string    `json:"kind"` // "websocket"
	Side       string    `json:"side"`
	Name       string    `json:"name"`
	Local      string    `json:"local"`
	Remote     string    `json:"remote"`
	Path       string    `json:"path"`
	Protocol   string    `json:"protocol"`
	Compressed bool      `json:"compressed"`
	Sent       []message `json:"sent"`
	Received   []message `json:"received"`
}

// end is one end of a connection. The client speaks first, then the server, in turns.
type end struct {
	program *service.Program
	conn    *websocket.Conn
	variant variant
	line    *talkLine
}

func newEnd(p *service.Program, conn *websocket.Conn, side string, v variant, path string) *end {
	e := &end{program: p, conn: conn, variant: v, line: &talkLine{PID: os.Getpid(), Kind: "websocket", Side: side, Name: v.name,
		Local: conn.LocalAddr().String(), Remote: conn.RemoteAddr().String(), Path: path, Protocol: conn.Subprotocol(),
		Sent: []message{}, Received: []message{}}}
	conn.SetPingHandler(func(data string) error {
		e.received("ping", []byte(data), 0)
		return e.control(websocket.PongMessage, "pong", []byte(data))
	})
	conn.SetPongHandler(func(data string) error {
		e.received("pong", []byte(data), 0)
		return nil
	})
	conn.SetCloseHandler(func(code int, text string) error {
		e.received("close", []byte(text), code)
		return nil
	})
	return e
}

func (e *end) sent(kind string, data []byte, code int) {
	e.line.Sent = append(e.line.Sent, message{kind, service.AmountOf(data), code})
}

func (e *end) received(kind string, data []byte, code int) {
	e.line.Received = append(e.line.Received, message{kind, service.AmountOf(data), code})
}

func (e *end) control(kind int, name string, data []byte) error {
	e.sent(name, data, 0)
	return e.conn.WriteControl(kind, data, time.Now().Add(time.Minute))
}

// given is one message to send: how many bytes, and whether a ping goes out in the middle of it.
type given struct {
	text bool
	size int
	ping bool
}

func plan(side string) []given {
	list := []given{{true, 5, false}, {false, 0, false}, {true, 0, false}, {false, 125, false}, {true, 126, false},
		{false, 65535, true}, {true, 65536, false}, {false, 300000, false}, {true, 5000, true}}
	if side == "server" { // other sizes, so that nobody can mix the directions up
		for i := range list {
			list[i].size += 3 * i
		}
	}
	return list
}

func (e *end) send(i int, g given) error {
	kind, name := websocket.BinaryMessage, "binary"
	data := service.Data(int64(i), g.size)
	if g.text {
		kind, name, data = websocket.TextMessage, "text", service.Text(int64(i), g.size)
	}
	w, err := e.conn.NextWriter(kind)
	if err != nil {
		return err
	}
	half := len(data) / 2
	if _, err := w.Write(data[:half]); err != nil {
		return err
	}
	if g.ping {
		if err := e.control(websocket.PingMessage, "ping", []byte("are you there?")); err != nil {
			return err
		}
	}
	if _, err := w.Write(data[half:]); err != nil {
		return err
	}
	e.sent(name, data, 0)
	return w.Close()
}

func (e *end) receive() error {
	kind, data, err := e.conn.ReadMessage()
	if err != nil {
		return err
	}
	name := map[int]string{websocket.TextMessage: "text", websocket.BinaryMessage: "binary"}[kind]
	e.received(name, data, 0)
	return nil
}

// talk exchanges all messages, ends the connection and logs it.
func (e *end) talk() error {
	mine := plan(e.line.Side)
	for i, g := range mine {
		if e.line.Side == "server" {
			if err := e.receive(); err != nil {
				return err
			}
		}
		if err := e.send(i, g); err != nil {
			return err
		}
		if e.line.Side == "client" {
			if err := e.receive(); err != nil {
				return err
			}
		}
	}
	err := e.finish()
	e.program.Put(e.line)
	return err
}

func (e *end) close(code int, text string) error {
	e.sent("close", []byte(text), code)
	return e.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, text), time.Now().Add(time.Minute))
}

func (e *end) finish() error {
	if e.variant.ending == "nobody" {
		if e.line.Side == "client" {
			return nil // and its connection is closed
		}
		if err := e.receive(); !websocket.IsUnexpectedCloseError(err, websocket.CloseNormalClosure) {
			return fmt.Errorf("the end: %v", err)
		}
		return nil
	}
	if e.variant.ending == e.line.Side {
		if err := e.close(4001, "bye, größter!"); err != nil {
			return err
		}
		if err := e.receive(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
			return fmt.Errorf("the end: %v", err)
		}
		return nil
	}
	if err := e.receive(); !websocket.IsCloseError(err, 4001) {
		return fmt.Errorf("the end: %v", err)
	}
	return e.close(websocket.CloseNormalClosure, "")
}
