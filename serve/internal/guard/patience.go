package guard

import (
	"net/http"
	"time"
)

// Patience wraps a handler, outside of everything that might refuse a request: a
// connection whose request does not come within read, or whose answer does not go
// within write, both from now, is cut off. Also what the server reads of a refused
// request's body, to be able to use the connection again, counts.
func Patience(h http.Handler, read, write time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w) // an error is that of a test's recorder, which has no connection
		c.SetReadDeadline(time.Now().Add(read))
		c.SetWriteDeadline(time.Now().Add(write))
		h.ServeHTTP(w, r)
	})
}
