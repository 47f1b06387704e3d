package kernel

// Gather materialises a table: plane Out+c*Pitch receives the N pixels of plane
// Src[c], exactly. Out is not the arena: it is the caller's memory, contiguous
// planes of Pitch elements, of which exactly N each are written. Planes are
// float32; see [GatherBytes] for the others.
type Gather struct {
	Mem   []float32
	Src   []int32 // C plane offsets
	Out   []float32
	C, N  int
	Pitch int
}

// GatherBytes is [Gather] for planes of any element type: Src, N and Pitch count
// bytes.
type GatherBytes struct {
	Mem   []byte
	Src   []int32 // C plane offsets, in bytes
	Out   []byte
	C, N  int // planes; bytes of a plane
	Pitch int // bytes
}
