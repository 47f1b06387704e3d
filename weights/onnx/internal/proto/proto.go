// Package proto reads and writes the messages of an ONNX file.
//
// It knows fields, numbers and bytes: what of onnx.proto3 in the ONNX repository is
// needed, decoded by hand. It knows nothing of what operators mean.
package proto

// Model is a ModelProto.
type Model struct {
	Producer string
	Graph    *Graph
	Opsets   map[string]int64 // domain -> version

	Functions []*Function
}

// Graph is a GraphProto.
type Graph struct {
	Name         string
	Nodes        []*Node
	Initializers []*Tensor
	Inputs       []Value
	Outputs      []Value
	Values       []Value // what the file says of others
	Sparse       bool    // has sparse initializers, which are not decoded
}

// Node is a NodeProto. An input or output that is left out is "".
type Node struct {
	Inputs, Outputs  []string
	Name, Op, Domain string // Domain is "" for ONNX's own
	Overload         string // of a function
	Opset            int64  // of its function; 0: the model's
	Attrs            map[string]*Attr
	For              *Node // the file's node that it stands for, with others; nil: itself
}

// Attr is an AttributeProto. Type is 0 where the file does not say it.
type Attr struct {
	Type   int64
	F      float32
	I      int64
	S      []byte
	T      *Tensor
	Ints   []int64
	Floats []float32
	Graph  *Graph
	Other  bool   // holds what is not decoded: lists of tensors or graphs
	Ref    string // in a function: the attribute of the call that stands here
}

// Function is a FunctionProto: nodes that stand for those that call it by its name.
type Function struct {
	Name, Domain, Overload string
	Inputs, Outputs        []string
	Defaults               map[string]*Attr
	Nodes                  []*Node
	Opsets                 map[string]int64
}

// Types of attributes, as AttributeProto numbers them.
const (
	AttrFloat    = 1
	AttrInteger  = 2
	AttrString   = 3
	AttrTensor   = 4
	AttrFloats   = 6
	AttrIntegers = 7
)

// Value is a graph input or output. A dimension that is not fixed is -1.
type Value struct {
	Name     string
	Type     int64 // of its elements; 0 where the file does not say it
	Dims     []int64
	HasShape bool
}

// Label names the node for people: by its name, or by its first output if it has none.
func (n *Node) Label() string {
	if n.Name != "" {
		return n.Name
	}
	for _, o := range n.Outputs {
		if o != "" {
			return o
		}
	}
	return ""
}

// Operator is the node's operator, with the domain in front where that is not ONNX's own.
func (n *Node) Operator() string {
	if n.Domain == "" {
		return n.Op
	}
	return n.Domain + "." + n.Op
}
