package rest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/core"
	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// server answers with the parts of a core.Server.
type server struct{ *core.Server }

// fail answers an error as the protocol wants it.
func fail(w http.ResponseWriter, err error) {
	e := fault.From(err)
	if e.RetryAfter > 0 || e.Kind == fault.Busy {
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int((e.RetryAfter+time.Second-1)/time.Second))))
	}
	answer(w, e.Kind.HTTP(), map[string]string{"error": e.Msg})
}

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(v) // an error is the client's: it has gone
}
