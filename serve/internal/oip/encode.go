package oip

import (
	"strconv"
)

// Encode writes an answer: as JSON alone, or followed by the binary data of the outputs
// for which binary(name) is true. head is the length of the JSON. JSON holds neither NaN
// nor infinities: the error for an output that has some says which.
//
// It appends to one buffer that is large enough from the start. Through encoding/json, a
// thousand logits would be copied and scanned three times, which takes as long as
// formatting them.
func (a *Answer) Encode(binary func(name string) bool) (body []byte, head int, err error) {
	size, blob := 0, 0
	for i := range a.Outputs {
		if t := &a.Outputs[i]; binary(t.Name) {
			blob += t.BinarySize()
		} else {
			size += t.textSize()
		}
	}
	b := make([]byte, 0, 256+128*len(a.Outputs)+size+blob)
	b = appendQuoted(append(b, `{"model_name":`...), a.Model)
	if a.Version != "" {
		b = appendQuoted(append(b, `,"model_version":`...), a.Version)
	}
	if a.ID != "" {
		b = appendQuoted(append(b, `,"id":`...), a.ID)
	}
	b = append(b, `,"outputs":[`...)
	for i := range a.Outputs {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = a.Outputs[i].appendOutput(b, binary(a.Outputs[i].Name)); err != nil {
			return nil, 0, err
		}
	}
	b = append(b, "]}"...)
	head = len(b)
	for i := range a.Outputs {
		if t := &a.Outputs[i]; binary(t.Name) {
			b = t.AppendBinary(b)
		}
	}
	return b, head, nil
}

// appendOutput appends t as an output of an answer, with its elements or with the size of
// their binary form.
func (t *Tensor) appendOutput(b []byte, binary bool) ([]byte, error) {
	b = appendQuoted(append(b, `{"name":`...), t.Name)
	b = appendQuoted(append(b, `,"datatype":`...), t.Datatype)
	b = append(b, `,"shape":[`...)
	for i, d := range t.Shape {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, d, 10)
	}
	b = append(b, ']')
	if binary {
		b = append(b, `,"parameters":{"binary_data_size":`...)
		b = strconv.AppendInt(b, int64(t.BinarySize()), 10)
		return append(b, "}}"...), nil
	}
	b, err := t.appendText(append(b, `,"data":`...))
	return append(b, '}'), err
}
