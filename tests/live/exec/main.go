// exec STAGE PROGRAM [ARGUMENT...]: waits for a line on stdin, makes one HTTPS exchange whose bodies say STAGE, and then
// becomes PROGRAM, with its connections still open.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "exec:", err)
		os.Exit(1)
	}
}

func main() {
	stage := os.Args[1]
	fmt.Println("ready", os.Getpid())
	_, err := bufio.NewReader(os.Stdin).ReadString('\n')
	must(err)
	idle := make(chan bool, 1) // the server's Write has returned: only then does every plan see its bytes
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		must(err)
		fmt.Fprintf(w, "%s was heard", body)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateIdle {
			idle <- true
		}
	}
	server.StartTLS()
	answer, err := server.Client().Post(server.URL+"/"+stage, "text/plain", strings.NewReader(stage))
	must(err)
	_, err = io.ReadAll(answer.Body)
	must(err)
	<-idle
	must(syscall.Exec(os.Args[2], os.Args[2:], os.Environ()))
}
