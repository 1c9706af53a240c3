//go:build !go1.19
// +build !go1.19

package main

import "net/http"

// A server of these versions takes any WriteHeader for the final one.
const hasEarlyHints = false

func (s *site) earlyHint(http.ResponseWriter) {}
