package engine_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// noticed says when its first byte is asked for: then the request has its place.
type noticed struct {
	io.ReadCloser
	once sync.Once
	read chan<- struct{}
}

func (n *noticed) Read(p []byte) (int, error) {
	n.once.Do(func() { n.read <- struct{}{} })
	return n.ReadCloser.Read(p)
}

// The server of the example: what it refuses, what it sheds, how it ends.
func TestExampleServer(t *testing.T) {
	b, err := zoo.Bytes(zoo.Default)
	if err != nil {
		t.Fatal(err)
	}
	m, err := engine.LoadBytes(b, engine.WithThreads(1))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	classify, inside := classifier(m), make(chan struct{}, 1000)
	go func() {
		ended <- serve(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body = &noticed{ReadCloser: r.Body, read: inside}
			classify.ServeHTTP(w, r)
		}))
	}()
	url := "http://" + l.Addr().String()
	post := func(body io.Reader) int {
		r, err := http.Post(url, "image/png", body)
		if err != nil {
			t.Error(err)
			return 0
		}
		defer r.Body.Close()
		io.Copy(io.Discard, r.Body)
		return r.StatusCode
	}
	picture, err := os.ReadFile("../testdata/pictures/cat.png")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		body []byte
		want int
	}{
		{"a picture", picture, http.StatusOK},
		{"no picture", []byte("GIF89a, or not"), http.StatusUnsupportedMediaType},
		{"too much", make([]byte, 8<<20+1), http.StatusRequestEntityTooLarge},
	} {
		if got := post(bytes.NewReader(c.body)); got != c.want {
			t.Errorf("%s: got status %d, want %d", c.what, got, c.want)
		}
		<-inside
	}

	// Clients that begin and do not go on take every place; the next is sent
	// away at once, and they are served when they do go on.
	places := 3 * runtime.GOMAXPROCS(0)
	statuses, writers := make(chan int, places), make([]*io.PipeWriter, places)
	for i := range writers {
		var r *io.PipeReader
		r, writers[i] = io.Pipe()
		go func() { statuses <- post(r) }()
		if _, err := writers[i].Write(picture[:10]); err != nil {
			t.Fatal(err)
		}
	}
	for range writers {
		<-inside
	}
	if got := post(bytes.NewReader(picture)); got != http.StatusServiceUnavailable {
		t.Errorf("with every place taken: got status %d, want 503", got)
	}
	// The end lets them finish.
	stop()
	time.Sleep(50 * time.Millisecond)
	for _, w := range writers {
		w.Write(picture[10:])
		w.Close()
	}
	for range writers {
		if got := <-statuses; got != http.StatusOK {
			t.Errorf("a slow client: got status %d, want 200", got)
		}
	}
	if err := <-ended; err != nil {
		t.Errorf("the end: %v", err)
	}
}
