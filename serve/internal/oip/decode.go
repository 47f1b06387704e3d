package oip

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// The JSON of a request, as the protocol names it.
type (
	wireRequest struct {
		ID         string       `json:"id"`
		Parameters wireParams   `json:"parameters"`
		Inputs     []wireInput  `json:"inputs"`
		Outputs    []wireWanted `json:"outputs"`
	}
	wireInput struct {
		Name       string          `json:"name"`
		Shape      wireShape       `json:"shape"`
		Datatype   string          `json:"datatype"`
		Parameters wireParams      `json:"parameters"`
		Data       json.RawMessage `json:"data"`
	}
	wireWanted struct {
		Name       string     `json:"name"`
		Parameters wireParams `json:"parameters"`
	}
	wireParams map[string]json.RawMessage
	wireShape  []int64
)

// Decode reads a request: head bytes of JSON, and behind them the binary data of those
// inputs that have a parameter binary_data_size, in their order. Without any, head
// is len(body). Tensors may share body's memory. The error is a fault.Invalid.
func Decode(body []byte, head int) (*Request, error) {
	if head < 0 || head > len(body) {
		return nil, fault.New(fault.Invalid, "the JSON has %d bytes by its header, and the body %d", head, len(body))
	}
	if err := modest(body[:head]); err != nil {
		return nil, err
	}
	var w wireRequest
	if err := json.Unmarshal(body[:head], &w); err != nil {
		return nil, fault.New(fault.Invalid, "the body's JSON: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	r := &Request{ID: w.ID}
	var err error
	if r.Params, err = w.Parameters.params("request"); err != nil {
		return nil, err
	}
	blob := body[head:]
	for _, in := range w.Inputs {
		var t Tensor
		if t, blob, err = in.tensor(blob); err != nil {
			return nil, err
		}
		r.Inputs = append(r.Inputs, t)
	}
	if len(blob) > 0 {
		return nil, fault.New(fault.Invalid, "%d bytes of binary data that no input's binary_data_size accounts for", len(blob))
	}
	for _, out := range w.Outputs {
		p, err := out.Parameters.params("output " + out.Name)
		if err != nil {
			return nil, err
		}
		r.Outputs = append(r.Outputs, Wanted{out.Name, p})
	}
	return r, nil
}

// tensor reads an input from its JSON and, if it says so, from the head of blob, and
// returns the rest of blob.
func (in *wireInput) tensor(blob []byte) (Tensor, []byte, error) {
	where := "input " + in.Name
	p, err := in.Parameters.params(where)
	if err != nil {
		return Tensor{}, nil, err
	}
	t := Tensor{Name: in.Name, Datatype: in.Datatype, Shape: in.Shape, Params: p}
	size, err := p.Int(where, "binary_data_size", -1)
	switch {
	case err != nil:
		return Tensor{}, nil, err
	case size < 0 && in.Data == nil:
		return Tensor{}, nil, fault.New(fault.Invalid, "%s: neither data nor a parameter binary_data_size", where)
	case size < 0:
		return t, blob, t.text(in.Data)
	case in.Data != nil:
		return Tensor{}, nil, fault.New(fault.Invalid, "%s: both data and a parameter binary_data_size", where)
	case size > int64(len(blob)):
		return Tensor{}, nil, fault.New(fault.Invalid, "%s: binary_data_size is %d, and %d bytes of binary data are left", where, size, len(blob))
	}
	return t, blob[size:], t.Binary(blob[:size:size])
}

// params turns numbers into int64 or float64, and refuses what is no parameter.
func (w wireParams) params(where string) (Params, error) {
	p := make(Params, len(w))
	for k, raw := range w {
		switch raw[0] {
		case '"':
			var s string
			if err := json.Unmarshal(raw, &s); err != nil {
				return nil, fault.New(fault.Invalid, "%s: parameter %.100q: %w", where, k, err)
			}
			p[k] = s
		case 't', 'f':
			p[k] = raw[0] == 't'
		case 'n':
		case '[', '{':
			return nil, fault.New(fault.Invalid, "%s: parameter %.100q is a list or an object, want a text, a number or a bool", where, k)
		default:
			if i, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
				p[k] = i
			} else if f, err := strconv.ParseFloat(string(raw), 64); err == nil {
				p[k] = f
			} else {
				return nil, fault.New(fault.Invalid, "%s: parameter %.100q is %.40s, which no number can hold", where, k, raw)
			}
		}
	}
	return p, nil
}
