package oip

import (
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

type wireAnswer struct {
	Model   string       `json:"model_name"`
	Version string       `json:"model_version,omitempty"`
	ID      string       `json:"id,omitempty"`
	Outputs []wireOutput `json:"outputs"`
}

type wireOutput struct {
	Name       string          `json:"name"`
	Datatype   string          `json:"datatype"`
	Shape      []int64         `json:"shape"`
	Parameters map[string]any  `json:"parameters,omitempty"`
	Data       json.RawMessage `json:"data,omitempty"`
}

// Encode writes an answer: as JSON alone, or followed by the binary data of the outputs
// for which binary(name) is true. head is the length of the JSON. JSON holds neither NaN
// nor infinities: the error for an output that has some says which.
func (a *Answer) Encode(binary func(name string) bool) (body []byte, head int, err error) {
	w := wireAnswer{Model: a.Model, Version: a.Version, ID: a.ID, Outputs: []wireOutput{}}
	size := 0
	for i := range a.Outputs {
		t := &a.Outputs[i]
		o := wireOutput{Name: t.Name, Datatype: t.Datatype, Shape: t.Shape}
		if binary(t.Name) {
			o.Parameters = map[string]any{"binary_data_size": t.BinarySize()}
			size += t.BinarySize()
		} else if o.Data, err = t.appendText(nil); err != nil {
			return nil, 0, err
		}
		w.Outputs = append(w.Outputs, o)
	}
	if body, err = json.Marshal(w); err != nil {
		return nil, 0, err
	}
	head = len(body)
	if size > 0 {
		grown := make([]byte, head, head+size)
		copy(grown, body)
		body = grown
	}
	for i := range a.Outputs {
		if t := &a.Outputs[i]; binary(t.Name) {
			body = t.AppendBinary(body)
		}
	}
	return body, head, nil
}

// appendText appends t's elements as one flat JSON list. BYTES are text here: what goes
// out are labels and JSON.
func (t *Tensor) appendText(b []byte) ([]byte, error) {
	b = append(b, '[')
	sep := func(i int) {
		if i > 0 {
			b = append(b, ',')
		}
	}
	for i, v := range t.Floats {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fault.New(fault.Invalid, "output %s: element %d is %v, which JSON cannot hold: ask for binary_data", t.Name, i, f)
		}
		sep(i)
		b = strconv.AppendFloat(b, float64(v), 'g', -1, 32)
	}
	for i, v := range t.Ints {
		sep(i)
		b = strconv.AppendInt(b, v, 10)
	}
	for i, v := range t.Octets {
		sep(i)
		b = strconv.AppendUint(b, uint64(v), 10)
	}
	for i, s := range t.Strings {
		sep(i)
		if !utf8.Valid(s) {
			return nil, fault.New(fault.Invalid, "output %s: element %d is not UTF-8, which JSON needs: ask for binary_data", t.Name, i)
		}
		q, err := json.Marshal(string(s))
		if err != nil {
			return nil, err
		}
		b = append(b, q...)
	}
	return append(b, ']'), nil
}
