package guard

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// TLS reads a certificate, its key, and the authorities whose certificates clients must
// have, if any (mTLS). Without a certificate it returns nil.
func TLS(cert, key, clients string) (*tls.Config, error) {
	if cert == "" && key == "" && clients == "" {
		return nil, nil
	}
	if cert == "" || key == "" {
		return nil, fmt.Errorf("TLS needs both -tls-cert and -tls-key")
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("-tls-cert %s, -tls-key %s: %w", cert, key, err)
	}
	c := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if clients != "" {
		pem, err := os.ReadFile(clients)
		if err != nil {
			return nil, fmt.Errorf("-tls-client-ca: %w", err)
		}
		c.ClientCAs = x509.NewCertPool()
		if !c.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("-tls-client-ca %s: no certificate in it", clients)
		}
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return c, nil
}

// Token is the bearer token that requests must have; a nil one lets everybody in.
type Token struct{ sum [sha256.Size]byte }

// ReadToken reads the token from a file, without the white space around it. No path, no
// token.
func ReadToken(path string) (*Token, error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("-token-file: %w", err)
	}
	b = bytes.TrimSpace(b)
	if len(b) < 16 {
		return nil, fmt.Errorf("-token-file %s: a token of %d characters, want at least 16", path, len(b))
	}
	return &Token{sha256.Sum256(b)}, nil
}

// Check looks at the header Authorization. The time it takes says nothing about how much
// of the token was right.
func (t *Token) Check(header string) error {
	if t == nil {
		return nil
	}
	scheme, got, _ := strings.Cut(header, " ")
	sum := sha256.Sum256([]byte(got))
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(sum[:], t.sum[:]) != 1 {
		return fault.New(fault.Denied, "want the header Authorization: Bearer and the server's token")
	}
	return nil
}
