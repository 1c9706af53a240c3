//go:build go1.19
// +build go1.19

package main

import "net/http"

const hasEarlyHints = true

// earlyHint sends a 103 before the answer.
func (s *site) earlyHint(w http.ResponseWriter) {
	w.Header().Set("Link", "</style.css>; rel=preload")
	w.WriteHeader(http.StatusEarlyHints)
	w.Header().Del("Link")
}
