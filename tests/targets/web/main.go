// web: the standard library's HTTP/1.1 and HTTP/2, server and client in one program, with most of what HTTP can do.
// With -late: one connection of HTTP/2 and one of HTTP/1.1 that are open, and have been used, before the start signal.
package main

import (
	"fmt"
	"net"
	"net/http/httptrace"

	"gotls.test/targets/service"
)

func main() { service.Main(run) }

func run(p *service.Program) error {
	s := &site{program: p, started: make(chan struct{})}
	if p.Role == "server" {
		return serveOnly(s)
	}
	addresses := map[string]string{"http/1.1": p.Connect, "h2": p.Connect}
	for _, protocol := range []string{"http/1.1", "h2"} {
		if p.Role == "client" {
			break
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		addresses[protocol] = l.Addr().String()
		defer serve(s, l, protocol).Close()
	}
	if p.Late {
		return late(s, addresses)
	}
	p.Ready()
	for where, value := range secrets {
		p.Put(service.Secret{Kind: "secret", Where: where, Value: value})
	}
	err := visits(p, addresses)
	s.busy.Wait() // all is in the log
	return err
}

func serveOnly(s *site) error {
	l, err := net.Listen("tcp", s.program.Listen)
	if err != nil {
		return err
	}
	defer serve(s, l, "h2", "http/1.1").Close()
	fmt.Println("listening", l.Addr())
	fmt.Println("ready")
	s.program.AwaitEnd()
	s.busy.Wait()
	return nil
}

func visits(p *service.Program, addresses map[string]string) error {
	var number int64
	for _, protocol := range []string{"http/1.1", "h2"} {
		v := newVisitor(p, addresses[protocol], protocol, &number)
		list := asks()
		if protocol == "h2" {
			list = append(list, http2Asks()...)
		}
		if err := v.all(list); err != nil {
			return err
		}
		if err := v.crowd(12); err != nil {
			return err
		}
		if err := v.all(cutAsks()); err != nil {
			return err
		}
		v.close()
	}
	raw := &rawClient{p, addresses["http/1.1"], &number}
	return raw.all()
}

// late uses a connection of each protocol, waits for the start signal, and uses it again: first with the very headers
// of before, then with others.
func late(s *site, addresses map[string]string) error {
	var number int64
	before := []ask{
		{label: "old", method: "GET", path: "/old?down=10&type=text", header: header("X-Before", "a value of before")},
		{label: "old", method: "POST", path: "/old?down=20&status=299", body: service.Data(1, small)},
	}
	after := []ask{
		{label: "new", method: "GET", path: "/new?down=30&type=text", header: header("X-After", "a value of after")},
		{label: "new", method: "PUT", path: "/new?down=40&status=418", body: service.Data(2, small)},
		{label: "new", method: "GET", path: "/new?down=50000&status=404", header: header("X-Before", "another value")},
		{label: "new", method: "GET", path: "/events"},
		{label: "new", method: "GET", path: "/new?down=10&trailer=1"},
	}
	visitors := map[string]*visitor{}
	for _, protocol := range []string{"http/1.1", "h2"} {
		v := newVisitor(s.program, addresses[protocol], protocol, &number)
		visitors[protocol] = v
		// Without numbers: the second time, the whole head is the same as the first time.
		if err := v.repeat(before, 2); err != nil {
			return err
		}
	}
	waiting := make(chan error, 1)
	began := make(chan struct{})
	go func() { waiting <- visitors["h2"].across(began) }()
	<-began
	s.program.Ready()
	close(s.started)
	if err := <-waiting; err != nil {
		return err
	}
	for _, protocol := range []string{"http/1.1", "h2"} {
		v := visitors[protocol]
		v.after = true
		if err := v.repeat(before, 2); err != nil {
			return err
		}
		if err := v.all(after); err != nil {
			return err
		}
		if err := v.repeat(before, 1); err != nil {
			return err
		}
		v.close()
	}
	s.busy.Wait()
	return nil
}

// repeat makes the same requests several times, with the same number.
func (v *visitor) repeat(list []ask, times int) error {
	for i := 0; i < times; i++ {
		var fixed int64 = 1000
		same := *v
		same.number = &fixed
		if err := same.all(list); err != nil {
			return err
		}
	}
	return nil
}

// across makes a request whose response begins before the start signal and ends after it.
func (v *visitor) across(began chan<- struct{}) error {
	q, err := v.request(ask{method: "GET", path: "/late"})
	if err != nil {
		return err
	}
	line := &service.Exchange{Side: "client", Label: "across", Method: q.Method, Host: q.Host, Path: q.URL.RequestURI()}
	q = q.WithContext(httptrace.WithClientTrace(q.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		line.Local, line.Remote = info.Conn.LocalAddr().String(), info.Conn.RemoteAddr().String()
	}}))
	answer, err := v.client.Do(q)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	first := make([]byte, len("before"))
	if _, err := answer.Body.Read(first); err != nil {
		return err
	}
	close(began)
	rest, err := readAll(answer.Body)
	if err != nil || string(first)+string(rest) != "beforeafter" {
		return fmt.Errorf("/late: %q, %v", string(first)+string(rest), err)
	}
	line.Proto, line.Status, line.ResponseBody = answer.Proto, answer.StatusCode, service.AmountOf([]byte("beforeafter"))
	line.RequestBody, line.ResponseHeaders = service.AmountOf(nil), service.Fields(answer.Header)
	v.program.PutExchange(line)
	return nil
}
