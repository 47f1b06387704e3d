package weights

import (
	"encoding/binary"
	"fmt"
	"io"
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
// would become infinite is an error that names it. The file's version is the oldest one
// that has what the model holds. The model is checked, as by
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
	for i := range m.Tensors {
		t := &m.Tensors[i]
		if t.DType.Integer() {
			copy(data[entries[i].Offset:], t.Bytes)
			continue
		}
		et := &elementTypes[t.DType]
		if k := et.encode(data[entries[i].Offset:], t.Data); k >= 0 {
			return nil, bad(ErrInvalid, named("tensor", t.Name), fmt.Sprintf("%v at index %d", t.Data[k], k), et.holds)
		}
	}
	le := binary.LittleEndian
	le.PutUint16(b[offVersion:], major)
	le.PutUint16(b[offVersion+2:], d.minor())
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
