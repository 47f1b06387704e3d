// Package weights reads, writes and checks the .rfl model file.
//
// A [Model] is a frozen network as data: a list of nodes, the tensors they
// name, and what a program needs to use the network on pictures (labels,
// preprocessing, provenance). This package knows bytes, names and bounds; what
// an operator means is the engine's business. FORMAT.md beside this file is
// the format's own page.
//
//	m, err := weights.ReadFile("cifar10.rfl") // check everything, then allocate
//	fmt.Println(m.Provenance.Accuracy, len(m.Labels))
//	m.Labels = names
//	err = weights.WriteFile("mine.rfl", m.ToFloat16())
//
// To run a network, engine.Load a file or engine.New a Model. A program that
// builds a Model calls [Model.Sort] when all tensors are there; [Model.Check] tells
// what is still wrong, and so does writing it.
//
// All functions are safe for concurrent use as long as nobody changes the
// [Model].
package weights

// Model is a frozen network. A Model that [Read] returned has passed every
// structural check; [Model.Check] repeats them on one that a program built.
// A Model has no locks: any number of goroutines may read it, none may write
// while another reads.
type Model struct {
	Name       string      // short name, "cifar10"; may be empty
	Graph      Graph       // the network
	Tensors    []Tensor    // sorted by name, names unique
	Labels     []string    // class k is Labels[k]: element k of the first output; empty if unknown
	Preprocess *Preprocess // nil if the input is not a picture
	Provenance Provenance  // where the weights come from
}

// Graph is a network in topological order: a node's inputs are graph inputs or
// outputs of earlier nodes. Every value is written once.
type Graph struct {
	Inputs  []Value  `json:"inputs"`  // at least one; the engine runs networks of exactly one
	Outputs []string `json:"outputs"` // value names, at least one
	Nodes   []Node   `json:"nodes"`
}

// Value names a graph input and gives its shape for one sample, without the
// batch dimension: [C H W] for a picture, [N] for a vector.
type Value struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
}

// Node is one operator. Op is one of the Op constants for the files this
// version of riffle runs, but the format lets any name through: the engine
// refuses what it does not know, naming the node.
//
// Attrs holds integer lists (a scalar is a list of one); Tensors maps the
// operator's roles ("weight", "bias") to names in [Model.Tensors]. The table
// in FORMAT.md says which operator takes which.
type Node struct {
	Name    string            `json:"name"`
	Op      string            `json:"op"`
	Inputs  []string          `json:"in"`
	Outputs []string          `json:"out"`
	Attrs   map[string][]int  `json:"attrs,omitempty"`
	Tensors map[string]string `json:"tensors,omitempty"`
}

// The operators of version 1, what [Node].Op may be. Shapes are per sample, "x" is
// the input, "y" the output. Row = output slot, column = input slot in every
// permutation. FORMAT.md has their formulas, limits and defaults.
const (
	// OpConv is a convolution of any kind: dense, grouped, pointwise, depthwise.
	// Attrs kernel [kh kw], stride [sh sw], dilation [dh dw], pad [top left
	// bottom right], groups [g]. Tensors weight [O, I/g, kh, kw], bias [O]
	// (optional).
	OpConv = "conv"
	// OpAffine is y[c] = scale[c]*x[c] + shift[c], a batch norm that nothing
	// could absorb. Tensors scale [C], shift [C].
	OpAffine = "affine"
	OpReLU   = "relu"   // max(x, 0), NaN stays NaN
	OpReLU6  = "relu6"  // min(max(x, 0), 6), NaN stays NaN
	OpAdd    = "add"    // two inputs of the same shape
	OpConcat = "concat" // along channels, two inputs or more
	// OpSplit cuts channels into consecutive outputs. Attrs sizes [c0 c1 ...].
	OpSplit = "split"
	// OpSlice keeps channels start, start+step, ... below stop. Attrs range
	// [start stop step].
	OpSlice = "slice"
	// OpShuffle permutes channels by a fixed table: y[c] = x[perm[c]]. Attrs
	// perm [C values], a bijection.
	OpShuffle = "shuffle"
	// OpMaxPool: Attrs kernel, stride, pad as in conv, ceil [0 or 1].
	OpMaxPool = "maxpool"
	// OpAvgPool: as maxpool, and countpad [0 or 1]: whether padding counts in
	// the divisor.
	OpAvgPool = "avgpool"
	// OpGlobalAvgPool is the mean over pixels: [C H W] to [C 1 1].
	OpGlobalAvgPool = "gap"
	// OpFlatten turns [C H W] into [C*H*W].
	OpFlatten = "flatten"
	// OpLinear is y = W x + b on a vector. Tensors weight [O, I], bias [O]
	// (optional).
	OpLinear  = "linear"
	OpSoftmax = "softmax" // over a vector
	// OpDynamicShuffle permutes channels by a permutation computed from the
	// input. Attrs groups [g], factors [a b] with a*b*g = C, pairs [1 or g].
	// Tensors w1 [h, C], b1 [h], w2 [pairs*(a*a+b*b), h], b2 [pairs*(a*a+b*b)].
	// Attribute usual [pairs*(a+b) values] (optional): what the node chose most
	// often on its training data, sigma then tau of each pair; it changes no result.
	OpDynamicShuffle = "dynamicshuffle"
	// OpStaticDynamicShuffle is a light stand-in for a square pointwise
	// convolution. Attrs and tensors of dynamicshuffle, and form [0] (grouped:
	// weight [C, C/g], gate [C], shift [C]) or form [1] (kronecker: wa [pairs,
	// a, a], wb [pairs, b, b], scale [C], shift [C]).
	OpStaticDynamicShuffle = "staticdynamicshuffle"
)

// Attr returns attribute name, or def where the node has none. It is the node's
// own list, not a copy.
func (n *Node) Attr(name string, def ...int) []int {
	if v, ok := n.Attrs[name]; ok {
		return v
	}
	return def
}

// DType is a tensor's element type in the file. In memory every tensor is
// float32.
type DType uint8

const (
	Float32 DType = iota // IEEE binary32
	Float16              // IEEE binary16, converted to float32 when read
)

// Tensor is a named dense array, row-major. DType says how the file holds it;
// Data holds len = product of Shape float32 values either way. A float16
// tensor's Data holds only values that binary16 can represent, once it has
// been through a file.
type Tensor struct {
	Name  string    // unique in the model, 1 to 4096 bytes of UTF-8
	DType DType     // in the file
	Shape []int     // every dimension at least 1; [] is one value
	Data  []float32 // finite
}

// Tensor returns the tensor called name, or nil: a pointer into m, not a copy.
// O(log n), so that m's tensors must be in order, see [Model.Sort].
func (m *Model) Tensor(name string) *Tensor {
	lo, hi := 0, len(m.Tensors)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if m.Tensors[mid].Name < name {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(m.Tensors) && m.Tensors[lo].Name == name {
		return &m.Tensors[lo]
	}
	return nil
}

// Preprocess says how a picture becomes the network's input: resize, crop,
// scale to 0..1, then x = (v - Mean) / Std per channel.
type Preprocess struct {
	// Resize is the length in pixels that the picture's shorter side is scaled
	// to, keeping the aspect ratio (torchvision's Resize(int)). 0: the picture
	// is scaled to Crop exactly, whatever its aspect ratio.
	Resize int `json:"resize"`
	// Crop is the height and width of the centre crop: the network's input.
	Crop [2]int `json:"crop"`
	// Filter of the resize, antialiased as Pillow's: "bilinear" or "bicubic".
	Filter string `json:"filter"`
	// Order of the channels: "rgb", "bgr" or "gray".
	Order string `json:"order"`
	// Mean and Std have one number a channel, in the order of the tensor's channels
	// (for "bgr": blue, green, red), in units of a pixel scaled to 0..1.
	Mean []float64 `json:"mean"`
	Std  []float64 `json:"std"`
	// Letterbox, where it is not nil, says that the picture is scaled to fit into
	// Crop whole, keeping its aspect ratio, and centred (Pillow's ImageOps.pad). Its
	// numbers, 0 to 255, are the colour of the margins, one a channel as in Mean.
	// Resize is 0 then.
	Letterbox []int `json:"letterbox,omitempty"`
}

// Provenance says what trained the weights, on what, with what result. All
// fields are free text for people; none changes how the model runs.
type Provenance struct {
	Source   string `json:"source,omitempty"`   // command or repository
	Data     string `json:"data,omitempty"`     // training data
	Date     string `json:"date,omitempty"`     // of training
	Accuracy string `json:"accuracy,omitempty"` // and on what
	License  string `json:"license,omitempty"`  // of the weights
	Notes    string `json:"notes,omitempty"`
}
