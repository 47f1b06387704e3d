package weights

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Type is an element type: of a tensor in a file, or of a plane of activations in
// the engine. [Type.InFile] says which of them a file may hold.
type Type uint8

// The element types. Multi-byte values are little-endian in a file.
const (
	Float32 Type = iota // IEEE binary32
	Float16             // IEEE binary16, converted to float32 when read
	Uint8               // unsigned integer of 8 bits
	Int8                // signed integer of 8 bits, two's complement
)

// DType is the older name of [Type].
type DType = Type

// elementType is all that this package knows of one type.
type elementType struct {
	name string // in a file's directory
	size int    // bytes of an element

	// decode converts len(b)/size elements to dst and says whether all are finite.
	// If not, dst holds anything, and at finds the one to name.
	decode func(dst []float32, b []byte) bool
	at     func(b []byte, i int) float32
	// encode is decode's opposite. It returns the index of the first value that the
	// type cannot hold, or -1; holds says what it can.
	encode func(b []byte, src []float32) int
	holds  string
	// round is the value that is read back after v was written.
	round func(v float32) float32

	bytes bool // elements are single bytes, which stay as they are: Tensor.Bytes; no functions
}

// elementTypes is the one place that tells types apart. A type becomes part of the
// format when its functions stand here, FORMAT.md has it, and the minor version grows.
var elementTypes = [...]elementType{
	Float32: {
		name: "f32", size: 4, holds: "any value",
		decode: decodeFloats, encode: encodeFloats,
		at:    func(b []byte, i int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])) },
		round: func(v float32) float32 { return v },
	},
	Float16: {
		name: "f16", size: 2, holds: "at most 65504 for float16",
		decode: decodeHalves, encode: encodeHalves,
		at:    func(b []byte, i int) float32 { return fromHalf(binary.LittleEndian.Uint16(b[2*i:])) },
		round: func(v float32) float32 { return fromHalf(toHalf(v)) },
	},
	Uint8: {name: "u8", size: 1, bytes: true},
	Int8:  {name: "i8", size: 1, bytes: true},
}

// inFile names the types that a file may hold, for errors.
const inFile = "f32, f16, u8 or i8"

// String is the type's name, as in a file's directory: "f32", "f16", "u8", "i8".
func (t Type) String() string {
	if int(t) >= len(elementTypes) {
		return fmt.Sprintf("Type(%d)", uint8(t))
	}
	return elementTypes[t].name
}

// Size is the bytes of one element. It panics for a Type that is none of the constants.
func (t Type) Size() int { return elementTypes[t].size }

// InFile says whether a tensor of a file may have the type. In version 1.0 these
// are Float32 and Float16; version 1.1 adds Uint8 and Int8.
func (t Type) InFile() bool {
	return int(t) < len(elementTypes) && (elementTypes[t].decode != nil || elementTypes[t].bytes)
}

// Integer says whether a tensor of the type has its elements in [Tensor.Bytes], not in
// [Tensor.Data]. It panics for a Type that is none of the constants.
func (t Type) Integer() bool { return elementTypes[t].bytes }

// typeInFile returns the type of that name, if a file may hold it.
func typeInFile(name string) (Type, bool) {
	for t := range elementTypes {
		if elementTypes[t].name == name {
			return Type(t), Type(t).InFile()
		}
	}
	return 0, false
}
