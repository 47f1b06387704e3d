package proto

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// AppendInt appends an integer field to a message.
func AppendInt(b []byte, field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}

// AppendText appends a string field to a message.
func AppendText(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

// AppendMessage appends a message as a field of a message.
func AppendMessage(b []byte, field protowire.Number, p []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), p)
}

func tensorMessage(name string, elementType int64, shape []int, raw []byte) []byte {
	var t []byte
	for _, d := range shape {
		t = AppendInt(t, 1, int64(d))
	}
	return AppendMessage(AppendText(AppendInt(t, 2, elementType), 8, name), 9, raw)
}

// FloatTensor is a TensorProto of float32 elements.
func FloatTensor(name string, shape []int, data []float32) []byte {
	raw := make([]byte, 4*len(data))
	for i, v := range data {
		le.PutUint32(raw[4*i:], math.Float32bits(v))
	}
	return tensorMessage(name, Float, shape, raw)
}

// IntTensor is a TensorProto of int64 elements, a list.
func IntTensor(name string, v []int) []byte {
	raw := make([]byte, 8*len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint64(raw[8*i:], uint64(int64(x)))
	}
	return tensorMessage(name, Int64, []int{len(v)}, raw)
}

// ValueInfo is the ValueInfoProto of a float32 tensor. Its first dimension is batch,
// or open and called N where batch is 0.
func ValueInfo(name string, batch int, shape []int) []byte {
	first := AppendInt(nil, 1, int64(batch))
	if batch == 0 {
		first = AppendText(nil, 2, "N")
	}
	dims := AppendMessage(nil, 1, first)
	for _, d := range shape {
		dims = AppendMessage(dims, 1, AppendInt(nil, 1, int64(d)))
	}
	tensor := AppendMessage(AppendInt(nil, 1, Float), 2, dims)
	return AppendMessage(AppendText(nil, 1, name), 2, AppendMessage(nil, 1, tensor))
}

// IntAttr is the AttributeProto of an integer.
func IntAttr(name string, v int) []byte {
	return AppendInt(AppendInt(AppendText(nil, 1, name), 3, int64(v)), 20, AttrInteger)
}

// TextAttr is the AttributeProto of a string.
func TextAttr(name, v string) []byte {
	return AppendInt(AppendText(AppendText(nil, 1, name), 4, v), 20, AttrString)
}

// FloatAttr is the AttributeProto of a number.
func FloatAttr(name string, v float32) []byte {
	b := append(AppendText(nil, 1, name), 2<<3|5)
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	return AppendInt(b, 20, AttrFloat)
}

// IntsAttr is the AttributeProto of a list of integers.
func IntsAttr(name string, v ...int) []byte {
	p := AppendText(nil, 1, name)
	for _, x := range v {
		p = AppendInt(p, 8, int64(x))
	}
	return AppendInt(p, 20, AttrIntegers)
}

// NodeMessage is a NodeProto; attrs are AttributeProtos.
func NodeMessage(name, domain, op string, in, out []string, attrs ...[]byte) []byte {
	var n []byte
	for _, s := range in {
		n = AppendText(n, 1, s)
	}
	for _, s := range out {
		n = AppendText(n, 2, s)
	}
	n = AppendText(AppendText(n, 3, name), 4, op)
	for _, a := range attrs {
		n = AppendMessage(n, 5, a)
	}
	if domain != "" {
		n = AppendText(n, 7, domain)
	}
	return n
}

// RawTensor is a TensorProto of any element type, of its elements' bytes.
func RawTensor(name string, elementType int64, shape []int, raw []byte) []byte {
	return tensorMessage(name, elementType, shape, raw)
}

// Int32s is the bytes of elements.
func Int32s(v []int32) []byte {
	var raw []byte
	for _, x := range v {
		raw = le.AppendUint32(raw, uint32(x))
	}
	return raw
}
