package scenario

var scenarios map[string]entry

// The table is filled in by init, since some entries refer back to it.
func init() {
	scenarios = map[string]entry{
		"raw": {doc: "ping-pong of odd sizes up to 1 MiB over TCP", server: rawServer, client: rawClient},
		"raw-unix": {doc: "the same over a Unix socket", network: "unix",
			server: rawServer, client: rawClient},
		"http1": {doc: "HTTP/1.1 keep-alive, bodies of 0 to 8 MiB both ways",
			server: http1Server, client: http1Client},
		"http2": {doc: "the same over HTTP/2", server: http2Server, client: http2Client},
		"http1-wire": {doc: "http1 over connections that count HTTP's own bytes",
			server: wireServer, client: wireClient},

		"parallel": {doc: "64 connections at once, both directions at once",
			server: parallelServer, client: parallelClient},
		"writers": {doc: "8 goroutines write to one connection", server: writersServer, client: writersClient},
		"short":   {doc: "300 short connections one after the other", server: shortServer, client: shortClient},
		"reuse": {doc: "300 connections dropped without Close, their memory used again",
			server: reuseServer, client: reuseClient},

		"stackbuf": {doc: "a goroutine's first Read is into its own stack, which moves",
			server: stackServer, client: stackClient},
		"eof": {doc: "Reads that return data and EOF at once (always TLS 1.2)", tls12: true,
			server: eofServer, client: eofClient},
		"onebyte":   pair("Reads and Writes of one byte", onebyteServe, onebyteUse),
		"bigbuf":    pair("Reads with a buffer of 256 KiB", bigbufServe, bigbufUse),
		"halfclose": pair("CloseWrite, then reading the rest", halfcloseServe, halfcloseUse),
		"zerobuf":   pair("Writes of memory never touched, and of a mapped file", zerobufServe, zerobufUse),
		"writefail": {doc: "Writes that end early: connection reset, deadline",
			server: writefailServer, client: writefailClient},

		"wrapper": {doc: "four kinds of wrapped net.Conn below TLS", server: wrapperServer, client: wrapperClient},
		"tlsintls": {doc: "TLS in TLS, over a counted connection",
			server: nestedServer(true), client: nestedClient(true)},
		"tlsintls-direct": {doc: "TLS in TLS, directly over the *tls.Conn",
			server: nestedServer(false), client: nestedClient(false)},
		"pipe": {doc: "TLS over net.Pipe, without a socket", alone: pipe},

		"preopen": {doc: "traffic before the start signal, and after it", starts: true,
			server: preopenServer, client: preopenClient},
		"sni-alpn": {doc: "server names, ALPN, a resumed session", server: sniServer, client: sniClient},
		"soak": {doc: "endless raw echo on 4 connections", endless: true,
			server: soakServer, client: soakClient},
		"soak-http": {doc: "endless HTTP/1.1 keep-alive on 4 connections", endless: true,
			server: soakHTTPServer, client: soakHTTPClient},
		"spawn-child": {doc: "runs itself again as a child, with -child's scenario", alone: spawn},
	}
}
