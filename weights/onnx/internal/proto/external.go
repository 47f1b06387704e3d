package proto

// External says where the tensor's data lies if that is another file: its path, relative
// to this file's, and the place in it.
func (t *Tensor) External() (location string, offset int64, external bool) {
	return t.location, t.offset, t.external
}

// Bytes is how many bytes of data the tensor has in another file, by its dimensions.
func (t *Tensor) Bytes() (int64, error) {
	dims, n, err := t.size()
	if err != nil {
		return 0, err
	}
	want := int64(n) * int64(elementTypes[t.Type].size)
	if t.length >= 0 && t.length != want {
		return 0, t.errorf("got %d bytes in another file, want %d (dimensions %v)", t.length, want, dims)
	}
	return want, nil
}

// SetData makes raw the tensor's data, in place of that in another file.
func (t *Tensor) SetData(raw []byte) { t.raw, t.hasRaw, t.external = raw, true, false }
