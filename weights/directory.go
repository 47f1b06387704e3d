package weights

import "fmt"

// document parses and checks what is not tensor data.
func (f *file) document(l *limits) (*document, error) {
	if err := zeros("padding after the JSON", f.padding); err != nil {
		return nil, err
	}
	d, err := parseSection(f.js)
	if err != nil {
		return nil, err
	}
	if err := d.check(l); err != nil {
		return nil, err
	}
	if err := d.checkDirectory(l, f.size); err != nil {
		return nil, err
	}
	if want := d.minor(); f.minor != want {
		return nil, bad(ErrVersion, "header", fmt.Sprintf("%d.%d", major, f.minor), fmt.Sprintf("%d.%d, for what is in the file", major, want))
	}
	return d, nil
}

func zeros(where any, b []byte) error {
	for _, z := range b {
		if z != 0 {
			return bad(ErrInvalid, where, fmt.Sprintf("%#02x", z), "zeros")
		}
	}
	return nil
}

// checkDirectory checks that every tensor lies where the layout puts it, and that
// nothing lies behind the last one. Whether the gaps are zeros shows when they are decoded.
func (d *document) checkDirectory(l *limits, size int) error {
	end := 0
	for _, e := range d.Tensors {
		where := named("tensor", e.Name)
		t, ok := typeInFile(e.DType)
		if !ok {
			return bad(ErrInvalid, where, fmt.Sprintf("dtype %q", e.DType), inFile)
		}
		n, err := l.elements(where, e.Shape)
		if err != nil {
			return err
		}
		if e.Bytes != n*t.Size() {
			return bad(ErrInvalid, where, fmt.Sprintf("%d bytes", e.Bytes), fmt.Sprintf("%d (shape %v, %s)", n*t.Size(), e.Shape, e.DType))
		}
		if at := alignUp(end); e.Offset != at {
			return bad(ErrInvalid, where, fmt.Sprintf("offset %d", e.Offset), at)
		}
		if e.Offset > size || e.Bytes > size-e.Offset {
			return bad(ErrInvalid, where, fmt.Sprintf("bytes %d to %d", e.Offset, e.Offset+e.Bytes), fmt.Sprintf("inside the data section of %d", size))
		}
		end = e.Offset + e.Bytes
	}
	if end != size {
		return bad(ErrInvalid, "data", fmt.Sprintf("%d bytes behind the last tensor", size-end), "none")
	}
	return nil
}
