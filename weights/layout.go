package weights

import (
	"bytes"
	"encoding/json"
	"hash/crc32"
)

// The file: header, JSON section, zeros up to a multiple of align, tensor data.
// FORMAT.md has the same in words.
const (
	magic      = "\x89RFL\r\n\x1a\n"
	major      = 1
	minor      = 1 // the newest that is known, see document.minor
	headerSize = 64
	align      = 64

	offVersion  = 8  // major, minor: uint16 each
	offHeader   = 12 // uint32 headerSize
	offJSONLen  = 16 // uint64
	offDataLen  = 24 // uint64
	offJSONSum  = 32 // uint32
	offDataSum  = 36 // uint32
	offReserved = 40 // zeros
	offSum      = 60 // uint32: of the bytes before it
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

func alignUp(n int) int { return (n + align - 1) &^ (align - 1) }

// document is the JSON section. The order of the fields here, and in the types
// it is made of, is the order in the file.
type document struct {
	Name       string      `json:"name"`
	Graph      Graph       `json:"graph"`
	Tensors    []entry     `json:"tensors"`
	Labels     []string    `json:"labels,omitempty"`
	Preprocess *Preprocess `json:"preprocess,omitempty"`
	Provenance Provenance  `json:"provenance"`
}

// entry is one line of the tensor directory.
type entry struct {
	Name   string `json:"name"`
	DType  string `json:"dtype"` // "f32", "f16", "u8", "i8"
	Shape  []int  `json:"shape"`
	Offset int    `json:"offset"` // bytes from the start of the data section
	Bytes  int    `json:"bytes"`
}

// minor is the version that a file of the section has: the oldest whose readers know
// all that is in it.
func (d *document) minor() uint16 {
	for i := range d.Tensors {
		if t, _ := typeInFile(d.Tensors[i].DType); t.Integer() {
			return 1
		}
	}
	if d.Graph.quantized() {
		return 1
	}
	return 0
}

// canonical encodes the section in the one form that a file may hold it in.
func (d *document) canonical() ([]byte, error) {
	if d.Graph.Nodes == nil {
		d.Graph.Nodes = []Node{} // no null
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// directory lays the tensors out, in order.
func directory(tensors []Tensor) (entries []entry, size int) {
	entries = make([]entry, len(tensors))
	for i := range tensors {
		t := &tensors[i]
		at := alignUp(size)
		n := t.Len() * t.DType.Size()
		entries[i] = entry{t.Name, t.DType.String(), t.Shape, at, n}
		size = at + n
	}
	return entries, size
}
