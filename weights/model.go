// Package weights reads, writes and checks the .rfl model file.
//
// A [Model] is a frozen network as data: a list of nodes, the tensors they
// name, and what a program needs to use the network on images (labels,
// preprocessing, provenance). This package knows bytes, names and bounds; the engine
// knows what an operator means. FORMAT.md beside this file describes the format.
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

import "slices"

// Model is a frozen network. A Model that [Read] returned has passed every
// structural check; [Model.Check] repeats them on one that a program built.
// A Model has no locks: any number of goroutines may read it at once, as long as none
// writes.
type Model struct {
	Name       string      // short name, "cifar10"; may be empty
	Graph      Graph       // the network
	Tensors    []Tensor    // sorted by name, names unique
	Labels     []string    // Labels[k] names class k, element k of the first output; empty if unknown
	Preprocess *Preprocess // nil if the input is not an image
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
// batch dimension: [C H W] for an image, [N] for a vector.
type Value struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
}

// Node is one operator at work. Op is one of the Op constants. The format accepts
// any other name too, and the engine then names the node that it cannot run.
//
// Attrs holds lists of integers; a single number is a list of one. Tensors maps the
// operator's roles ("weight", "bias") to names in [Model.Tensors]. FORMAT.md says
// which operator takes which of them.
type Node struct {
	Name    string            `json:"name"`
	Op      string            `json:"op"`
	Inputs  []string          `json:"in"`
	Outputs []string          `json:"out"`
	Attrs   map[string][]int  `json:"attrs,omitempty"`
	Tensors map[string]string `json:"tensors,omitempty"`
	Quant   []Quant           `json:"quant,omitempty"` // of each output, of an operator whose results are quantized
}

// Attr returns attribute name, or def where the node has none. It is the node's
// own list, not a copy.
func (n *Node) Attr(name string, def ...int) []int {
	if v, ok := n.Attrs[name]; ok {
		return v
	}
	return def
}

// Tensor is a named dense array, row-major. DType says how the file holds it. Of a
// floating-point type, Data holds the product of Shape float32 values. Once a float16
// tensor has been through a file, its Data holds only values that binary16 can
// represent. Of Uint8 and Int8, Bytes holds as many bytes, and Data is nil.
type Tensor struct {
	Name  string    // unique in the model, 1 to 4096 bytes of UTF-8
	DType Type      // in the file: one for which [Type.InFile] holds
	Shape []int     // every dimension at least 1; [] is one value
	Data  []float32 // finite
	Bytes []byte    // of Int8: two's complement
}

// Len is the number of elements that the tensor holds.
func (t *Tensor) Len() int { return len(t.Data) + len(t.Bytes) }

// Quantized says whether m has values of 8 bits: results of nodes with a Quant.
func (m *Model) Quantized() bool { return m.Graph.quantized() }

func (g *Graph) quantized() bool {
	return slices.ContainsFunc(g.Nodes, func(n Node) bool { return n.Quant != nil })
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

// Preprocess says how an image becomes the network's input: resize, crop,
// scale to 0..1, then x = (v - Mean) / Std per channel.
type Preprocess struct {
	// Resize is the length in pixels that the image's shorter side is scaled
	// to, keeping the aspect ratio (torchvision's Resize(int)). 0 scales the image
	// to Crop exactly, whatever its aspect ratio.
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
