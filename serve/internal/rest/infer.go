package rest

import (
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/propagation"

	"github.com/riffle-ml/riffle/serve/internal/oip"
	"github.com/riffle-ml/riffle/serve/internal/seen"
)

// infer answers an infer request.
func (s server) infer(w http.ResponseWriter, r *http.Request) {
	call, ctx := s.Seen.Begin(r.Context(), "http", propagation.HeaderCarrier(r.Header))
	r = r.WithContext(ctx)
	body, head, release, err := s.compute(w, r, call)
	defer release()
	if err != nil {
		fail(w, err)
	} else {
		w.Header().Set("Content-Type", "application/json")
		if head < len(body) {
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set(headLength, strconv.Itoa(head))
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		call.Out, _ = w.Write(body)
	}
	call.End(r.Context(), err)
}

// compute returns the body of an answer, and how much of it is JSON. sent, which is never
// nil, is called when it has been sent.
func (s server) compute(w http.ResponseWriter, r *http.Request, call *seen.Call) (out []byte, head int, sent func(), err error) {
	sent = func() {}
	// Before the body is read: what is refused anyway costs no more than this.
	n, release, err := s.Admit(call, r.PathValue("model"), r.PathValue("version"))
	if err != nil {
		return nil, 0, sent, err
	}
	defer release()
	body, free, err := s.body(r)
	defer free()
	call.In = len(body)
	if err != nil {
		return nil, 0, sent, err
	}
	// The body is here whole. From now on the deadline is the request's, and a read
	// that times out would end it.
	http.NewResponseController(w).SetReadDeadline(time.Time{})
	// What is made of the body: of JSON its parts, and numbers that may take four bytes for
	// two characters; of binary data the numbers.
	more, err := s.Budget.Hold(4 * int64(len(body)))
	if err != nil {
		return nil, 0, sent, err
	}
	defer more()
	q, err := request(r, body)
	if err != nil {
		return nil, 0, sent, err
	}
	binary, err := binary(q)
	if err != nil {
		return nil, 0, sent, err
	}
	a, release, err := s.Compute(r.Context(), n, q)
	if err != nil {
		return nil, 0, sent, err
	}
	out, head, err = a.Encode(binary)
	return out, head, release, err
}

// binary says which outputs the request wants as binary data.
func binary(q *oip.Request) (func(name string) bool, error) {
	all, err := q.Params.Bool("request", "binary_data_output", false)
	if err != nil {
		return nil, err
	}
	some := map[string]bool{}
	for _, o := range q.Outputs {
		if some[o.Name], err = o.Params.Bool("output "+o.Name, "binary_data", all); err != nil {
			return nil, err
		}
	}
	return func(name string) bool {
		if b, ok := some[name]; ok {
			return b
		}
		return all
	}, nil
}
