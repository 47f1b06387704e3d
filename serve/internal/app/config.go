// Package app is the command riffle-serve: its flags, and how its parts start and end.
package app

import (
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
)

// config is what the flags say.
type config struct {
	models             string
	http, grpc, debug  string
	cert, key, clients string
	token              string
	hosts              []string
	control, page      bool
	versions           int
	slots, threads     int
	queue, samples     int
	body, memory       int64
	pixels             int64
	connections        int
	timeout, patience  time.Duration
	poll, drain, delay time.Duration
	otlp               string
	level              string
	json               bool
}

const usage = `riffle-serve -models DIR [flags]

Serves the image classifiers in DIR/NAME/VERSION/model.rfl by the Open Inference Protocol,
version 2, over HTTP and gRPC, with a page for people at /. A new version that appears in
DIR takes the place of the old one without a request failing.

`

// parse reads the command line. The error was printed already.
func parse(args []string, stderr io.Writer) (config, error) {
	var c config
	f := flag.NewFlagSet("riffle-serve", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() { fmt.Fprint(stderr, usage); f.PrintDefaults() }
	f.StringVar(&c.models, "models", "", "`directory` of models: NAME/VERSION/model.rfl; required")
	f.IntVar(&c.versions, "versions", 1, "versions of each model that are kept loaded: the newest `number`")
	f.StringVar(&c.http, "http", "127.0.0.1:8000", "`address` for HTTP; empty for none. :8000 is reached from other machines")
	f.StringVar(&c.grpc, "grpc", "127.0.0.1:8001", "`address` for gRPC; empty for none")
	f.StringVar(&c.debug, "debug", "", "`address` for metrics and pprof, without TLS and token; empty for none")
	f.StringVar(&c.cert, "tls-cert", "", "`file` with the server's certificate, PEM: both protocols use TLS")
	f.StringVar(&c.key, "tls-key", "", "`file` with its key, PEM")
	f.StringVar(&c.clients, "tls-client-ca", "", "`file` with authorities, PEM: clients must have a certificate of theirs (mTLS)")
	f.StringVar(&c.token, "token-file", "", "`file` with the bearer token that clients must send")
	hosts := f.String("hosts", "", "`names`, separated by commas, that clients may call a server on loopback besides localhost")
	f.BoolVar(&c.control, "control", true, "let clients load and unload models")
	f.BoolVar(&c.page, "page", true, "have the page at /")
	f.IntVar(&c.slots, "slots", runtime.GOMAXPROCS(0), "samples computed at the same time, and one more while all of them take long")
	f.IntVar(&c.threads, "threads", 1, "threads for a sample at most: more than 1 while other slots would be idle")
	f.IntVar(&c.queue, "queue", 0, "samples of each model that may wait; 0 is 16 for each slot")
	f.IntVar(&c.samples, "max-samples", 256, "samples in one request, at most 65536")
	f.Int64Var(&c.body, "max-body", 16<<20, "`bytes` of one request, unpacked")
	f.Int64Var(&c.memory, "max-memory", 1<<30, "`bytes` of all requests under way: their bodies, what is made of them, and the answers")
	f.Int64Var(&c.pixels, "max-pixels", 16<<20, "pixels of one picture")
	f.IntVar(&c.connections, "max-connections", 4096, "open connections of each protocol; the one idle for longest gives way")
	f.DurationVar(&c.timeout, "timeout", 30*time.Second, "time of one request from its last byte to its answer")
	f.DurationVar(&c.patience, "patience", 15*time.Second, "time for a request's body to come")
	f.DurationVar(&c.poll, "poll", time.Second, "how often to look for changes in the directory")
	f.DurationVar(&c.drain, "drain", 25*time.Second, "how long requests under way may take after SIGTERM")
	f.DurationVar(&c.delay, "drain-delay", 0, "how long to go on taking requests after SIGTERM, while saying not to be ready")
	f.StringVar(&c.otlp, "otlp", "", "`URL` of a collector of OpenTelemetry traces, as http://localhost:4318; by default what OTEL_EXPORTER_OTLP_ENDPOINT says, and none if it says nothing")
	f.StringVar(&c.level, "log", "info", "least `level` to log: debug, info, warn, error")
	f.BoolVar(&c.json, "log-json", false, "log as JSON, not as text")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	for name := range strings.SplitSeq(*hosts, ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			c.hosts = append(c.hosts, name)
		}
	}
	err := c.check(f.Args())
	if err != nil {
		fmt.Fprintln(stderr, "riffle-serve:", err)
	}
	return c, err
}

// check refuses what makes no sense.
func (c *config) check(rest []string) error {
	if len(rest) > 0 {
		return fmt.Errorf("%q is no flag; riffle-serve -h lists them", rest[0])
	}
	if c.models == "" {
		return fmt.Errorf("-models is missing; riffle-serve -h describes it")
	}
	if c.http == "" && c.grpc == "" {
		return fmt.Errorf("neither -http nor -grpc has an address")
	}
	if c.queue == 0 {
		c.queue = 16 * c.slots
	}
	for name, v := range map[string]int64{
		"versions": int64(c.versions), "slots": int64(c.slots), "threads": int64(c.threads), "queue": int64(c.queue), "max-samples": int64(c.samples), "max-body": c.body,
		"max-memory": c.memory, "max-pixels": c.pixels, "max-connections": int64(c.connections),
		"timeout": int64(c.timeout), "patience": int64(c.patience), "poll": int64(c.poll), "drain": int64(c.drain),
	} {
		if v <= 0 {
			return fmt.Errorf("-%s is %d, want more than 0", name, v)
		}
	}
	if c.memory/6 < c.body {
		return fmt.Errorf("-max-memory is %d, want at least 6 times -max-body, which is %d: a body, and what is made of it", c.memory, c.body)
	}
	if c.samples > 1<<16 {
		return fmt.Errorf("-max-samples is %d, want at most %d", c.samples, 1<<16)
	}
	if c.body > 1<<30 {
		return fmt.Errorf("-max-body is %d, want at most %d", c.body, 1<<30)
	}
	return nil
}
