package app

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
)

// wire asks a server for the same thing again and again over connections that it keeps.
// It writes the request's bytes as they are, and takes a third of the processor time
// of http.Client: what asks should not be what is measured. It is safe for concurrent
// use.
type wire struct {
	address string
	request []byte

	mu   sync.Mutex
	idle []*line
}

// line is a connection, and what was read ahead of it.
type line struct {
	net.Conn
	in *bufio.Reader
}

// newWire asks a model of the server at http://address about one picture.
func newWire(url, model string, file []byte) *wire {
	address := strings.TrimPrefix(url, "http://")
	head := fmt.Sprintf("POST /v2/models/%s/infer HTTP/1.1\r\nHost: %s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", model, address, len(file))
	return &wire{address: address, request: append([]byte(head), file...)}
}

// ask sends the request and returns the status of the answer, all of which was read.
func (w *wire) ask() (status int, err error) {
	c, err := w.line()
	if err != nil {
		return 0, err
	}
	if _, err = c.Write(w.request); err != nil {
		c.Close()
		return 0, err
	}
	a, err := http.ReadResponse(c.in, nil)
	if err != nil {
		c.Close()
		return 0, err
	}
	if _, err = io.Copy(io.Discard, a.Body); err != nil || a.Close {
		c.Close()
		return a.StatusCode, err
	}
	w.mu.Lock()
	w.idle = append(w.idle, c)
	w.mu.Unlock()
	return a.StatusCode, nil
}

// line returns a connection that nobody uses.
func (w *wire) line() (*line, error) {
	w.mu.Lock()
	if n := len(w.idle); n > 0 {
		c := w.idle[n-1]
		w.idle = w.idle[:n-1]
		w.mu.Unlock()
		return c, nil
	}
	w.mu.Unlock()
	c, err := net.Dial("tcp", w.address)
	if err != nil {
		return nil, err
	}
	return &line{c, bufio.NewReader(c)}, nil
}
