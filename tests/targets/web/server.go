package main

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"gotls.test/targets/service"
)

// site answers requests as their queries say, and logs what it got and what it answered.
type site struct {
	program *service.Program
	started chan struct{} // closed at the start signal
	busy    sync.WaitGroup
}

// seen is a ResponseWriter that remembers what passed through it.
type seen struct {
	http.ResponseWriter
	status int
	body   []byte
}

func (s *seen) WriteHeader(status int) {
	if status >= 200 {
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

func (s *seen) Write(p []byte) (int, error) {
	if s.status == 0 {
		s.status = http.StatusOK
	}
	n, err := s.ResponseWriter.Write(p)
	s.body = append(s.body, p[:n]...)
	return n, err
}

func (s *seen) flush() { s.ResponseWriter.(http.Flusher).Flush() }

func (s *site) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	s.busy.Add(1)
	defer s.busy.Done()
	local, _ := q.Context().Value(http.LocalAddrContextKey).(net.Addr)
	line := &service.Exchange{Side: "server", Local: local.String(), Remote: q.RemoteAddr, Proto: q.Proto, Method: q.Method,
		Host: q.Host, Path: q.RequestURI, RequestHeaders: service.Fields(q.Header)}
	if q.Method == "CONNECT" || q.URL.Path == "/upgrade" {
		s.tunnel(w, q, line)
		return
	}
	if q.URL.Query().Get("early") != "" {
		s.earlyHint(w)
	}
	body, err := readAll(q.Body)
	line.RequestBody, line.RequestTrailers = service.AmountOf(body), service.Fields(q.Trailer)
	if err != nil {
		line.Cut = true
		s.program.PutExchange(line)
		return
	}
	out := &seen{ResponseWriter: w}
	defer func() { // a handler that aborts is logged too
		line.Status = out.status
		line.ResponseBody = service.AmountOf(out.body)
		if q.Method == "HEAD" {
			line.ResponseBody = service.AmountOf(nil)
		}
		s.program.PutExchange(line)
	}()
	switch q.URL.Path {
	case "/events":
		line.Events = events
		s.events(out, q)
	case "/abort":
		line.Cut = true
		out.Write(service.Data(7, 5000))
		out.flush()
		panic(http.ErrAbortHandler)
	case "/endless":
		line.Cut = true
		endless(out, q)
	case "/late":
		s.late(out)
	case "/push":
		push(out)
	default:
		answer(out, q)
	}
}

// answer makes the response that the query describes: status, down (size), type, coding, sized, parts, trailer, wide
// (a header of so many bytes), quiet (no body, and nothing that says so).
func answer(w *seen, q *http.Request) {
	query := q.URL.Query()
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(query.Get(name)); err == nil {
			return n
		}
		return otherwise
	}
	body := encoded(plainBody(q), query.Get("coding"))
	h := w.Header()
	h.Set("Content-Type", kind(query.Get("type")))
	h.Set("X-Number", query.Get("n"))
	h.Add("X-Twice", "first")
	h.Add("X-Twice", "second, with a comma")
	h.Set("X-Utf8", "grün")
	h["X-Empty"] = []string{""}
	if coding := query.Get("coding"); coding != "" {
		h.Set("Content-Encoding", coding)
	}
	if wide := number("wide", 0); wide > 0 {
		h.Set("X-Wide", strings.Repeat("wide", wide/4))
	}
	if query.Get("secret") != "" {
		h.Set("Set-Cookie", "session="+secrets["Set-Cookie"]+"; Path=/; HttpOnly")
	}
	if to := query.Get("location"); to != "" {
		h.Set("Location", to)
	}
	if query.Get("trailer") != "" {
		h.Set("Trailer", "X-Sum, X-Late")
	}
	if query.Get("sized") != "" {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(number("status", 200))
	if query.Get("quiet") == "" {
		parts := number("parts", 1)
		for i := 0; i < parts; i++ {
			w.Write(body[len(body)*i/parts : len(body)*(i+1)/parts])
			if parts > 1 {
				w.flush()
			}
		}
	}
	if query.Get("trailer") != "" {
		h.Set("X-Sum", service.AmountOf(body).SHA256)
		h.Set("X-Late", "a trailer")
	}
}

var events = []service.Event{
	{Name: "", ID: "", Data: "the first"},
	{Name: "price", ID: "41", Data: `{"eur": 12}`},
	{Name: "price", ID: "42", Data: "line one\nline two\n\nline four"},
	{Name: "", ID: "43", Data: "größer"},
	{Name: "end", ID: "", Data: ""},
}

// events sends server-sent events, with all that a stream of them may hold besides.
func (s *site) events(w *seen, q *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	fmt.Fprint(w, ": a comment\n\nretry: 1000\n\n")
	for _, event := range events {
		if event.Name != "" {
			fmt.Fprintf(w, "event: %s\n", event.Name)
		}
		if event.ID != "" {
			fmt.Fprintf(w, "id: %s\n", event.ID)
		}
		w.flush() // an event in two pieces
		for _, line := range strings.Split(event.Data, "\n") {
			fmt.Fprintf(w, "data: %s\n", line)
		}
		fmt.Fprint(w, "\n")
		w.flush()
	}
}

// endless sends until the client is gone.
func endless(w *seen, q *http.Request) {
	for i := int64(0); q.Context().Err() == nil; i++ {
		if _, err := w.Write(service.Data(i, 1000)); err != nil {
			return
		}
		w.flush()
		time.Sleep(time.Millisecond)
	}
}

// late begins its answer before the start signal, and ends it after.
func (s *site) late(w *seen) {
	w.Header().Set("X-Began", "before")
	w.Write([]byte("before"))
	w.flush()
	<-s.started
	w.Write([]byte("after"))
}

// push promises the client something it did not ask for.
func push(w *seen) {
	if pusher, ok := w.ResponseWriter.(http.Pusher); ok {
		pusher.Push("/pushed?down=1000&type=text", nil)
	}
	w.Write([]byte("see also /pushed"))
}

// tunnel ends HTTP on this connection: from here on it sends back what it gets, in capitals.
func (s *site) tunnel(w http.ResponseWriter, q *http.Request, line *service.Exchange) {
	conn, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	head := "HTTP/1.1 200 Connection established\r\n\r\n"
	line.Status = http.StatusOK
	if q.Method != "CONNECT" {
		head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
		line.Status = http.StatusSwitchingProtocols
	}
	if _, err := conn.Write([]byte(head)); err != nil {
		panic(err)
	}
	var up, down []byte
	buf := make([]byte, 1000)
	for {
		n, err := buffered.Read(buf)
		up = append(up, buf[:n]...)
		back := []byte(strings.ToUpper(string(buf[:n])))
		m, _ := conn.Write(back)
		down = append(down, back[:m]...)
		if err != nil {
			break
		}
	}
	line.Up, line.Down = service.AmountOf(up), service.AmountOf(down)
	s.program.PutExchange(line)
}
