package service

import (
	"net/http"
	"os"
	"sort"
)

// Field is the name and the value of a header field.
type Field [2]string

// Event is a server-sent event.
type Event struct {
	Name string `json:"name"`
	ID   string `json:"id"`
	Data string `json:"data"`
}

// Exchange is one end's view of a request and its response. A client does not know what its transport adds to its
// request, nor a server what is added to its response: each logs what it knows.
type Exchange struct {
	PID             int     `json:"pid"`
	Kind            string  `json:"kind"` // "exchange"
	Side            string  `json:"side"` // "client" or "server"
	Label           string  `json:"label,omitempty"`
	After           bool    `json:"after,omitempty"` // after the start signal, with -late
	Local           string  `json:"local"`
	Remote          string  `json:"remote"`
	Proto           string  `json:"proto"`
	Method          string  `json:"method"`
	Host            string  `json:"host"`
	Path            string  `json:"path"`
	Status          int     `json:"status"`
	Informational   []int   `json:"informational,omitempty"`
	RequestHeaders  []Field `json:"request_headers,omitempty"`
	RequestTrailers []Field `json:"request_trailers,omitempty"`
	ResponseHeaders []Field `json:"response_headers,omitempty"`
	ResponseTrailer []Field `json:"response_trailers,omitempty"`
	RequestBody     *Amount `json:"request_body,omitempty"`  // as transferred: content coding still applied
	ResponseBody    *Amount `json:"response_body,omitempty"` //
	Decoded         *Amount `json:"decoded,omitempty"`       // the response without its content coding
	Events          []Event `json:"events,omitempty"`
	Up              *Amount `json:"up,omitempty"`   // bytes of what is no HTTP any more, after an upgrade or CONNECT
	Down            *Amount `json:"down,omitempty"` //
	Cut             bool    `json:"cut,omitempty"`  // the response was ended before its end
}

// Fields is a header as a list, sorted by name; the values of a name in their order.
func Fields(h http.Header) []Field {
	var names []string
	for name := range h {
		names = append(names, name)
	}
	sort.Strings(names)
	var fields []Field
	for _, name := range names {
		for _, value := range h[name] {
			fields = append(fields, Field{name, value})
		}
	}
	return fields
}

// PutExchange logs an exchange.
func (p *Program) PutExchange(e *Exchange) {
	e.PID, e.Kind = os.Getpid(), "exchange"
	p.Put(e)
}

// Secret is a value that no decoded output may show.
type Secret struct {
	Kind  string `json:"kind"` // "secret"
	Where string `json:"where"`
	Value string `json:"value"`
}
