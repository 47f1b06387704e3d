package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"time"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// classifier answers POSTed pictures with their three best classes. As many run
// as there are processors, twice as many wait; whoever comes then is sent away.
func classifier(m *engine.Model) http.Handler {
	waiting, running := make(chan struct{}, 3*runtime.GOMAXPROCS(0)), make(chan struct{}, runtime.GOMAXPROCS(0))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case waiting <- struct{}{}:
			defer func() { <-waiting }()
		default:
			http.Error(w, "busy, try again", http.StatusServiceUnavailable)
			return
		}
		b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
		if err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		running <- struct{}{}
		defer func() { <-running }()
		img, _, err := preprocess.DecodeBytes(b, preprocess.Options{MaxPixels: 16 << 20})
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnsupportedMediaType)
			return
		}
		top, err := m.Classify(r.Context(), img, 3) // ends early if the client has gone
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		json.NewEncoder(w).Encode(top)
	})
}

// serve answers on l until ctx is done, then lets the requests under way finish.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return s.Shutdown(last)
}

// A classifier behind HTTP that bounds what it takes on, and ends cleanly on Ctrl-C.
func Example_server() {
	b, err := zoo.Bytes("cifar10-sds")
	if err != nil {
		log.Fatal(err)
	}
	m, err := engine.LoadBytes(b, engine.WithThreads(1)) // pictures side by side, not layers
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go func() { // a client, in place of people; then Ctrl-C
		defer stop()
		picture, _ := os.ReadFile("../testdata/pictures/ship.png")
		r, err := http.Post("http://"+l.Addr().String(), "image/png", bytes.NewReader(picture))
		if err != nil {
			log.Fatal(err)
		}
		defer r.Body.Close()
		var top []engine.Prediction
		json.NewDecoder(r.Body).Decode(&top)
		fmt.Println(r.StatusCode, top[0].Label)
	}()
	fmt.Println(serve(ctx, l, classifier(m)))
	// Output:
	// 200 ship
	// <nil>
}
