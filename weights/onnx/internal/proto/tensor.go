package proto

// Tensor is a TensorProto: its header, and its data in whatever field holds it.
// [Tensor.Check] comes before [Tensor.Decode].
type Tensor struct {
	Name     string
	Dims     []int64
	Type     int64
	raw      []byte
	hasRaw   bool
	floats   []float32
	ints     []int64 // int32_data, int64_data and uint64_data
	doubles  []float64
	external bool
	location string // of data in another file
	offset   int64
	length   int64 // -1: not said
}
