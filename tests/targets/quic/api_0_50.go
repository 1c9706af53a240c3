//go:build quic_0_50

package main

import (
	"crypto/tls"

	"github.com/quic-go/quic-go"
)

type (
	connection = quic.Connection
	listener   = *quic.Listener
)

func listen(address string, config *tls.Config) (listener, error) {
	return quic.ListenAddr(address, config, nil)
}

func dial(address string, config *tls.Config) (connection, error) {
	return quic.DialAddr(background, address, config, nil)
}
