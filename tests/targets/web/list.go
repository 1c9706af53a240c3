package main

import (
	"fmt"
	"net/http"
	"strings"

	"gotls.test/targets/service"
)

// ask is one request to make.
type ask struct {
	label   string
	method  string
	path    string // a number is added to its query, so that no two are alike
	host    string // "": the address
	header  http.Header
	body    []byte
	unsized bool // HTTP/1.1 sends the body in chunks
	trailer http.Header
	expect  bool // wait for 100 before the body
	cut     bool // the response won't end
	leave   int  // read so many bytes of the response, then leave
}

const (
	small = 1000
	large = 1 << 20
)

// secrets are values that no decoded output may show, by where they are sent.
var secrets = map[string]string{
	"Authorization":       "gotls-secret-5dd1f0",
	"Proxy-Authorization": "gotls-secret-77c2ab",
	"Cookie":              "gotls-secret-90e3bc",
	"Set-Cookie":          "gotls-secret-a1b4cd",
	"X-Api-Key":           "gotls-secret-b2c5de",
	"X-Auth-Token":        "gotls-secret-c3d6ef",
	// These are found by rules that a user gives.
	"X-Mine": "gotls-own-d4e7f0",
	"json":   "gotls-own-e5f801",
	"query":  "gotls-own-f60912",
	"text":   "gotls-own-071a23",
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h[pairs[i]] = append(h[pairs[i]], pairs[i+1])
	}
	return h
}

// asks are the requests for both versions of HTTP, one after the other on one connection.
func asks() []ask {
	list := []ask{
		{method: "GET", path: "/any?down=13&sized=1"},
		{method: "GET", path: "/any?down=0&sized=1"},
		{method: "GET", path: "/any?down=3000&parts=3"},
		{method: "GET", path: "/any/ü%20ö?type=text&down=100&q=a%26b;c"},
		{method: "GET", path: "/any?down=10", host: "shop.example:8443"},
		{method: "HEAD", path: "/any?down=12345&sized=1"},
		{method: "OPTIONS", path: "/any?down=0&sized=1"},
		{method: "DELETE", path: "/any?status=204&quiet=1"},
		{method: "PATCH", path: "/any?down=20", body: service.Data(1, small)},
		{method: "PROPFIND", path: "/any?status=418&down=30"},
		{method: "POST", path: "/any?down=5&sized=1", body: service.Data(2, small)},
		{method: "POST", path: "/any?down=5", body: []byte{}},
		{method: "POST", path: "/any?down=7", body: service.Data(3, 300000), unsized: true},
		{method: "PUT", path: fmt.Sprintf("/any?down=%d", large), body: service.Data(4, large)},
		{method: "PUT", path: fmt.Sprintf("/any?down=%d&parts=7&sized=1", large), body: service.Data(5, large), unsized: true},
		{method: "GET", path: "/any?status=304&quiet=1", header: header("If-None-Match", `"v1"`)},
		{method: "GET", path: "/any?status=302&location=/elsewhere&down=11"},
		{method: "GET", path: "/any?status=404&down=9&type=text"},
		{method: "GET", path: "/any?status=503&down=9", header: header("X-Same", "1", "X-Same", "2", "X-Same", "1")},
		{method: "GET", path: "/any?status=599&quiet=1"},
		{method: "GET", path: "/any?type=json"},
		{method: "GET", path: "/any?type=latin1"},
		{method: "GET", path: "/any?down=10&wide=6000", header: header("X-Long", strings.Repeat("long ", 1600)+"end")},
		{method: "GET", path: "/any?down=100&trailer=1&parts=2"},
		{method: "POST", path: "/any?down=10&trailer=1", body: service.Data(6, 5000), unsized: true,
			trailer: header("X-Checksum", "e3b0", "X-Last", "of all")},
		{method: "POST", path: "/any?down=10", body: service.Data(7, 20000), expect: true},
		{method: "GET", path: "/events"},
	}
	for _, coding := range []string{"gzip", "deflate", "br", "zstd"} {
		list = append(list, ask{method: "GET", path: "/any?type=text&down=50000&coding=" + coding,
			header: header("Accept-Encoding", coding)})
	}
	list = append(list, ask{method: "GET", path: "/any?down=200000&coding=gzip&parts=4", header: header("Accept-Encoding", "gzip")})
	if hasEarlyHints {
		list = append(list, ask{method: "GET", path: "/any?early=1&down=10"})
	}
	return append(list, secretAsk())
}

func secretAsk() ask {
	return ask{label: "secrets", method: "POST", path: "/any?type=json&secret=1&token=" + secrets["query"],
		header: header("Authorization", "Bearer "+secrets["Authorization"],
			"Proxy-Authorization", "Basic "+secrets["Proxy-Authorization"],
			"Cookie", "id=1; session="+secrets["Cookie"], "X-Api-Key", secrets["X-Api-Key"],
			"X-Auth-Token", secrets["X-Auth-Token"], "X-Mine", secrets["X-Mine"], "Content-Type", "application/json"),
		body: []byte(`{"user": "eve", "password": "` + secrets["json"] + `", "note": "card ` + secrets["text"] + `"}`)}
}

// http2Asks are requests for HTTP/2 alone: headers that don't fit into one frame, and a method that nobody knows, which
// tshark takes for no HTTP/1.1.
func http2Asks() []ask {
	return []ask{
		{label: "wide", method: "GET", path: "/any?down=10&wide=40000", header: header("X-Long", strings.Repeat("long ", 8000)+"end")},
		{method: "BREW", path: "/any?status=418&down=30"},
	}
}

// cutAsks are requests whose responses end before their end. In HTTP/1.1 each costs a connection.
func cutAsks() []ask {
	return []ask{
		{label: "abort", method: "GET", path: "/abort", cut: true},
		{label: "leave", method: "GET", path: "/endless", cut: true, leave: 10000},
	}
}
