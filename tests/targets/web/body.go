package main

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"io"
	"io/ioutil"
	"net/http"
	"strconv"
	"strings"

	"gotls.test/targets/service"
)

// What others compressed, since the standard library can't: "NAME, as a program of another language made it: ", 20 times.
var foreign = map[string]string{
	"br":   "G+cD+AXqZKneupC09prN2NCNSFNQZTqIbuyJSMfOVxo6xP9NnQDch+sA",
	"zstd": "KLUv/QBopQEAAoMKEbC5Ab+KDUox1rXHTLJtNJmKDkt8duPDKzwv1hub5xZpc8VU5DvdwDatAQDQeFYKCg==",
}

func foreignText(coding string) []byte {
	name := map[string]string{"br": "brotli", "zstd": "zstd"}[coding]
	return []byte(strings.Repeat(name+", as a program of another language made it: ", 20))
}

func kind(name string) string {
	switch name {
	case "text":
		return "text/plain; charset=utf-8"
	case "latin1":
		return "text/plain; charset=iso-8859-1"
	case "json":
		return "application/json"
	}
	return "application/octet-stream"
}

// plainBody is the body that the query asks for, before any content coding.
func plainBody(q *http.Request) []byte {
	query := q.URL.Query()
	size, _ := strconv.Atoi(query.Get("down"))
	seed, _ := strconv.ParseInt(query.Get("n"), 10, 64)
	switch {
	case foreign[query.Get("coding")] != "":
		return foreignText(query.Get("coding"))
	case query.Get("type") == "json":
		return []byte(`{"number":` + strconv.FormatInt(seed, 10) + `,"password":"` + secrets["json"] +
			`","list":[1,2.5,null,true],"text":"a \"quoted\" word"}`)
	case query.Get("type") == "latin1":
		return []byte("gr\xfc\xdfe")
	case query.Get("type") == "text":
		return service.Text(seed, size)
	}
	return service.Data(seed, size)
}

// encoded applies a content coding.
func encoded(plain []byte, coding string) []byte {
	var out bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "deflate":
		w = zlib.NewWriter(&out)
	case "br", "zstd":
		whole, err := base64.StdEncoding.DecodeString(foreign[coding])
		if err != nil {
			panic(err)
		}
		return whole
	default:
		return plain
	}
	if _, err := w.Write(plain); err != nil {
		panic(err)
	}
	w.Close()
	return out.Bytes()
}

// decoded undoes a content coding.
func decoded(wire []byte, coding string) []byte {
	var r io.ReadCloser
	var err error
	switch coding {
	case "gzip":
		r, err = gzip.NewReader(bytes.NewReader(wire))
	case "deflate":
		r, err = zlib.NewReader(bytes.NewReader(wire))
	case "br", "zstd":
		return foreignText(coding)
	}
	if err != nil {
		panic(err)
	}
	plain, err := ioutil.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return plain
}

func readAll(r io.Reader) ([]byte, error) { return ioutil.ReadAll(r) }
