package weights

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"sort"

	"github.com/riffle-ml/riffle/internal/atomicfile"
)

// Sort puts the tensors into the order that [Model.Check], [Model.Tensor] and a file
// want: ascending by name, byte by byte. Pointers that Tensor gave point to other
// tensors afterwards.
func (m *Model) Sort() {
	sort.Slice(m.Tensors, func(i, j int) bool { return m.Tensors[i].Name < m.Tensors[j].Name })
}

// Encode returns the model as a file. The same model gives the same bytes.
// A float16 tensor's values are rounded to nearest, ties to even; one that
// would become infinite is an error that names it. The model is checked, as by
// [Model.Check], and not changed. The error is a [FormatError].
func (m *Model) Encode() ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	entries, size := directory(m.Tensors)
	d := document{m.Name, m.Graph, entries, m.Labels, m.Preprocess, m.Provenance}
	js, err := d.canonical()
	if err != nil {
		return nil, err
	}
	start := alignUp(headerSize + len(js))
	b := make([]byte, start+size)
	copy(b, magic)
	copy(b[headerSize:], js)
	data := b[start:]
	le := binary.LittleEndian
	for i := range m.Tensors {
		t := &m.Tensors[i]
		out := data[entries[i].Offset:]
		for k, v := range t.Data {
			if t.DType == Float32 {
				le.PutUint32(out[4*k:], math.Float32bits(v))
				continue
			}
			h := toHalf(v)
			if h&0x7fff == 0x7c00 {
				return nil, bad(ErrInvalid, fmt.Sprintf("tensor %q", t.Name), fmt.Sprintf("%v at index %d", v, k), "at most 65504 for float16")
			}
			le.PutUint16(out[2*k:], h)
		}
	}
	le.PutUint16(b[offVersion:], major)
	le.PutUint16(b[offVersion+2:], minor)
	le.PutUint32(b[offHeader:], headerSize)
	le.PutUint64(b[offJSONLen:], uint64(len(js)))
	le.PutUint64(b[offDataLen:], uint64(size))
	le.PutUint32(b[offJSONSum:], sum(js))
	le.PutUint32(b[offDataSum:], sum(data))
	le.PutUint32(b[offSum:], sum(b[:offSum]))
	return b, nil
}

// Write writes the model's file to w, in one call. The error is that of
// [Model.Encode], before anything is written, or w's.
func Write(w io.Writer, m *Model) error {
	b, err := m.Encode()
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// WriteFile writes the model to path, so that path holds the old file or the new one
// and never part of one, whatever happens meanwhile: a full disk, a killed process, a
// crash. A new file's mode is 0644 less the umask; a file that is replaced keeps its own. Where
// path is a symbolic link, the file that it names is replaced. The error is that of
// [Model.Encode], before anything is written, or the file system's.
func WriteFile(path string, m *Model) error {
	b, err := m.Encode()
	if err != nil {
		return err
	}
	return atomicfile.Write(path, 0o644, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// ToFloat16 returns a model whose file is about half as large: weights of two
// or more dimensions become float16 and are rounded to what it can hold, so
// that the model in memory computes what the file's will. Vectors (biases,
// scales) stay float32, as do the generators of dynamic operators, whose
// decisions are discontinuous. Tensors that do not change are shared with m.
func (m *Model) ToFloat16() *Model {
	keep := map[string]bool{}
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		for _, role := range []string{"w1", "w2"} {
			if t, ok := n.Tensors[role]; ok {
				keep[t] = true
			}
		}
	}
	c := *m
	c.Tensors = append([]Tensor(nil), m.Tensors...)
	for i := range c.Tensors {
		t := &c.Tensors[i]
		if len(t.Shape) < 2 || keep[t.Name] {
			continue
		}
		t.DType = Float16
		data := make([]float32, len(t.Data))
		for k, v := range t.Data {
			data[k] = fromHalf(toHalf(v))
		}
		t.Data = data
	}
	return &c
}
