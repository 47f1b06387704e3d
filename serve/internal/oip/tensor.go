// Package oip is the Open Inference Protocol, version 2, as data: requests, answers and
// tensors, and their form as JSON with the binary tensor extension. It knows nothing of
// networks and nothing of connections.
package oip

import (
	"math"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// The datatypes that are spoken here. The protocol has more.
const (
	FP32  = "FP32"
	INT64 = "INT64"
	UINT8 = "UINT8"
	BYTES = "BYTES"
)

// Tensor is a named array, row-major. Which of the slices holds its elements is said by
// Datatype: FP32 Floats, INT64 Ints, UINT8 Octets, BYTES Strings.
type Tensor struct {
	Name, Datatype string
	Shape          []int64
	Params         Params

	Floats  []float32
	Ints    []int64
	Octets  []byte
	Strings [][]byte
}

// Params are the parameters of a request, an input or an output: strings, bools and
// numbers (int64, or float64 where it is not whole).
type Params map[string]any

// Request asks a model to compute.
type Request struct {
	Model, Version, ID string
	Params             Params
	Inputs             []Tensor
	Outputs            []Wanted // empty: the usual ones
}

// Wanted names an output that a request wants.
type Wanted struct {
	Name   string
	Params Params
}

// Answer is what a model computed.
type Answer struct {
	Model, Version, ID string
	Outputs            []Tensor
}

// Elements is the product of a shape, or an error for one that has a negative dimension or
// more than max elements. max is at most math.MaxInt32.
func Elements(where string, shape []int64, max int64) (int, error) {
	if len(shape) > 8 {
		return 0, fault.New(fault.Invalid, "%s: shape of %d dimensions, want at most 8", where, len(shape))
	}
	n := int64(1)
	for _, d := range shape {
		if d < 0 || d > math.MaxInt32 {
			return 0, fault.New(fault.Invalid, "%s: shape %v has a dimension of %d", where, shape, d)
		}
		// Both factors are below 2^31, so that the product cannot overflow.
		if n *= d; n > max {
			return 0, fault.New(fault.Invalid, "%s: shape %v has more elements than the request has data for", where, shape)
		}
	}
	return int(n), nil
}

// Int returns a whole number among the parameters, or def where it is not there.
func (p Params) Int(where, name string, def int64) (int64, error) {
	switch v := p[name].(type) {
	case nil:
		return def, nil
	case int64:
		return v, nil
	}
	return 0, fault.New(fault.Invalid, "%s: parameter %s is %v, want a whole number", where, name, p[name])
}

// Bool returns a bool among the parameters, or def where it is not there.
func (p Params) Bool(where, name string, def bool) (bool, error) {
	switch v := p[name].(type) {
	case nil:
		return def, nil
	case bool:
		return v, nil
	}
	return false, fault.New(fault.Invalid, "%s: parameter %s is %v, want true or false", where, name, p[name])
}

// String returns a text among the parameters, or def where it is not there.
func (p Params) String(where, name, def string) (string, error) {
	switch v := p[name].(type) {
	case nil:
		return def, nil
	case string:
		return v, nil
	}
	return "", fault.New(fault.Invalid, "%s: parameter %s is %v, want a text", where, name, p[name])
}
