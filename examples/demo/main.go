// A small HTTPS shop and a customer, for scripts/demo. Knows nothing of gotls.
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"time"
)

func certificate() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"shop.example"}}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	check(err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func serve() {
	mux := http.NewServeMux()
	mux.HandleFunc("/price", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"item":%q,"euro":12.5}`+"\n", r.URL.Query().Get("item"))
	})
	mux.HandleFunc("/order", func(w http.ResponseWriter, r *http.Request) {
		var order struct{ Item string }
		if json.NewDecoder(r.Body).Decode(&order) != nil || order.Item == "" {
			http.Error(w, "what do you want?", http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"order":4711,"thanks":"for the %s ☕"}`+"\n", order.Item)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Println(listener.Addr())
	server := http.Server{Handler: mux, TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate()}},
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}} // HTTP/1.1: made for eyes
	check(server.ServeTLS(listener, "", ""))
}

func buy(address string) {
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
		ServerName: "shop.example", InsecureSkipVerify: true}}} // the certificate is a minute old
	show := func(r *http.Response, err error) {
		check(err)
		_, err = io.Copy(io.Discard, r.Body)
		check(err)
		r.Body.Close()
	}
	show(client.Get("https://" + address + "/price?item=espresso"))
	r, err := http.NewRequest("POST", "https://"+address+"/order", bytes.NewBufferString(`{"item":"espresso"}`))
	check(err)
	r.Header.Set("Authorization", "Bearer not-so-secret-any-more")
	show(client.Do(r))
	client.CloseIdleConnections()
}

func main() {
	if len(os.Args) == 2 {
		buy(os.Args[1])
		return
	}
	serve()
}
