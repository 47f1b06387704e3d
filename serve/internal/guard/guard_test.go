package guard

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

func TestBudgetRead(t *testing.T) {
	b := NewBudget(1 << 20)
	for _, c := range []struct {
		size, announced, most int64
		want                  fault.Kind
	}{
		{0, 0, 10, -1}, {0, -1, 10, -1}, {10, 10, 10, -1}, {10, -1, 10, -1}, {11, -1, 10, fault.TooLarge}, {11, 11, 10, fault.TooLarge},
		{300_000, 300_000, 1 << 20, -1}, {300_000, -1, 1 << 20, -1}, {300_000, 5, 1 << 20, -1}, // announced less than came
		{700_000, -1, 2 << 20, fault.Unavailable}, {5, 1 << 19, 1 << 20, -1}, // announced more
	} {
		body, free, err := b.Read(bytes.NewReader(bytes.Repeat([]byte{7}, int(c.size))), c.announced, c.most)
		if c.want >= 0 {
			if err == nil || fault.From(err).Kind != c.want {
				t.Errorf("%+v: %v", c, err)
			}
		} else if err != nil || int64(len(body)) != c.size || bytes.Count(body, []byte{7}) != len(body) {
			t.Errorf("%+v: %d bytes, %v", c, len(body), err)
		} else if c.announced == c.size && c.size > 0 && b.left.Load() > 1<<20-c.size {
			t.Errorf("%+v: nothing is held", c)
		}
		free()
		if left := b.left.Load(); left != 1<<20 {
			t.Fatalf("%+v: %d bytes left after release, want all", c, left)
		}
	}
}

// Announcing much holds little: what was promised and does not come costs others nothing.
func TestBudgetAnnounced(t *testing.T) {
	b := NewBudget(1 << 20)
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, free, _ := b.Read(r, 1<<20-1, 1<<20)
		free()
	}()
	w.Write([]byte("x"))
	if left := b.left.Load(); left < 1<<20-64<<10 {
		t.Errorf("%d bytes left, want all but 64 KiB", left)
	}
	w.CloseWithError(errors.New("gone"))
	<-done
}

// When the house is full, the connection that has been idle for longest gives way; those
// at work stay.
func TestListener(t *testing.T) {
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	open := make(chan int, 100)
	l := NewListener(raw, 3, true, func(n int) { open <- n })
	working, finish := make(chan struct{}), make(chan struct{})
	s := &http.Server{ConnState: l.State, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/work" {
			working <- struct{}{}
			<-finish
		}
	})}
	go s.Serve(l)
	defer s.Close()
	dial := func() net.Conn {
		c, err := net.Dial("tcp", raw.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	busy, idle, newer := dial(), dial(), dial()
	io.WriteString(busy, "GET /work HTTP/1.1\r\nHost: x\r\n\r\n")
	<-working
	for range 3 {
		<-open
	}
	last := dial() // a fourth: the older idle one is closed
	one := make([]byte, 1)
	idle.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := idle.Read(one); err != io.EOF {
		t.Errorf("the connection that was idle for longest: %v, want EOF", err)
	}
	for _, c := range []net.Conn{newer, last} {
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		c.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := c.Read(one); err != nil {
			t.Errorf("a connection that should live: %v", err)
		}
	}
	close(finish)
	busy.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := busy.Read(one); err != nil {
		t.Errorf("the connection at work: %v", err)
	}
}

// Where nobody says which connections are idle, those that are there stay.
func TestListenerWithoutIdle(t *testing.T) {
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := NewListener(raw, 1, false, func(int) {})
	defer l.Close()
	accepted := make(chan net.Conn, 2)
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			accepted <- c
		}
	}()
	first, err := net.Dial("tcp", raw.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	in := <-accepted
	second, err := net.Dial("tcp", raw.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	second.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := second.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the second connection: %v, want it closed", err)
	}
	io.WriteString(in, "x")
	if n, err := first.Read(make([]byte, 1)); n != 1 {
		t.Errorf("the first connection: %v", err)
	}
}

func TestToken(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "token")
	os.WriteFile(path, []byte("  0123456789abcdef\n"), 0o600)
	tok, err := ReadToken(path)
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]bool{
		"Bearer 0123456789abcdef": true, "bearer 0123456789abcdef": true, "": false, "Bearer": false, "Bearer ": false,
		"Bearer 0123456789abcdeF": false, "Basic 0123456789abcdef": false, "0123456789abcdef": false,
	} {
		if got := tok.Check(header) == nil; got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
	os.WriteFile(path, []byte("short\n"), 0o600)
	if _, err := ReadToken(path); err == nil || !strings.Contains(err.Error(), "5 characters") {
		t.Errorf("a short token: %v", err)
	}
	if tok, err := ReadToken(""); tok != nil || err != nil || tok.Check("") != nil {
		t.Error("no token, and yet one is wanted")
	}
}
