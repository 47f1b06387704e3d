package spans

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// trust reads the files of OpenTelemetry's variables for TLS: the authorities, PEM, that may
// vouch for the collector in the place of the system's, and the certificate and key, PEM,
// by which this client is known to it (mTLS). env is as in Find. Without any, the result is
// nil: what the system trusts.
func trust(env func(string) string) (*tls.Config, error) {
	const prefix = "OTEL_EXPORTER_OTLP_"
	authorities, cert, key := env("CERTIFICATE"), env("CLIENT_CERTIFICATE"), env("CLIENT_KEY")
	if authorities == "" && cert == "" && key == "" {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if authorities != "" {
		pem, err := os.ReadFile(authorities)
		if err != nil {
			return nil, fmt.Errorf("%sCERTIFICATE: %w", prefix, err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%sCERTIFICATE: no certificate in %s", prefix, authorities)
		}
	}
	if (cert == "") != (key == "") {
		return nil, fmt.Errorf("one of %sCLIENT_CERTIFICATE and %[1]sCLIENT_KEY is set, want both", prefix)
	}
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("%sCLIENT_CERTIFICATE and %[1]sCLIENT_KEY: %w", prefix, err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
