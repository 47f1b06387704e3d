// Package spans sends OpenTelemetry traces to a collector, by OTLP over HTTP. What
// becomes a span is said elsewhere.
package spans

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// Endpoint is where traces go. A nil one is nowhere.
type Endpoint struct {
	url    string
	header http.Header
	tls    *tls.Config // nil: the system's authorities, and no certificate of ours
}

// Find returns the collector's endpoint: the address given, or that of OpenTelemetry's
// environment variables, or nil if there is neither. An address without a path gets the
// usual one, /v1/traces. The error says which address, header, protocol or file cannot be
// used.
func Find(address string) (*Endpoint, error) {
	env := func(name string) string { // what is said of traces goes before what is said of all signals
		if v := os.Getenv("OTEL_EXPORTER_OTLP_TRACES_" + name); v != "" {
			return v
		}
		return os.Getenv("OTEL_EXPORTER_OTLP_" + name)
	}
	if address == "" {
		if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") || os.Getenv("OTEL_TRACES_EXPORTER") == "none" {
			return nil, nil
		}
		if address = os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"); address == "" {
			if address = os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"); address == "" {
				return nil, nil
			}
			address = strings.TrimSuffix(address, "/") + "/v1/traces"
		}
		if p := env("PROTOCOL"); p != "" && p != "http/protobuf" {
			return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %q, want http/protobuf", p)
		}
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("the traces' collector: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("the traces' collector is %q, want http://HOST:PORT or https://HOST:PORT", address)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	e := &Endpoint{url: u.String()}
	if e.header, err = headers(env("HEADERS")); err != nil {
		return nil, err
	}
	if u.Scheme == "https" {
		e.tls, err = trust(env)
	}
	return e, err
}

// headers reads the form name=value,name=value, with values as in an URL.
func headers(list string) (http.Header, error) {
	h := http.Header{"Content-Type": {"application/x-protobuf"}}
	for item := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(item) == "" {
			continue
		}
		name, value, ok := strings.Cut(item, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !ok || name == "" || err != nil { // the value may be a secret: it is not printed
			return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_HEADERS: an item is not of the form name=value")
		}
		h.Set(name, value)
	}
	return h, nil
}
