package weights

// Option changes a limit of [Read], [ReadFile] and [ReadFS]. What exceeds a limit is a
// [FormatError] of [ErrLimit]. [Model.Check] and the functions that write hold a model to the defaults.
type Option func(*limits)

type limits struct {
	file, json, nodes, tensors, dims, elems, labels, list, name int
}

// The defaults. They bound what a hostile file can make a reader do; real
// models are far below.
func defaultLimits() limits {
	return limits{
		file: 1 << 30, json: 16 << 20, nodes: 1 << 16, tensors: 1 << 16,
		dims: 8, elems: 1 << 28, labels: 1 << 20, list: 1 << 20, name: 1 << 12,
	}
}

// WithMaxFile bounds the file's size in bytes. Default: 1 GiB.
func WithMaxFile(bytes int) Option { return func(l *limits) { l.file = bytes } }

// WithMaxJSON bounds the JSON section in bytes. Default: 16 MiB.
func WithMaxJSON(bytes int) Option { return func(l *limits) { l.json = bytes } }

// WithMaxNodes bounds the graph's nodes. Default: 65,536.
func WithMaxNodes(n int) Option { return func(l *limits) { l.nodes = n } }

// WithMaxTensors bounds the tensors. Default: 65,536.
func WithMaxTensors(n int) Option { return func(l *limits) { l.tensors = n } }

// WithMaxElements bounds one tensor's elements. Default: 2^28.
func WithMaxElements(n int) Option { return func(l *limits) { l.elems = n } }

// WithMaxDims bounds one tensor's dimensions. Default: 8.
func WithMaxDims(n int) Option { return func(l *limits) { l.dims = n } }

// WithMaxLabels bounds the class names. Default: 2^20.
func WithMaxLabels(n int) Option { return func(l *limits) { l.labels = n } }

func newLimits(opts []Option) limits {
	l := defaultLimits()
	for _, o := range opts {
		o(&l)
	}
	return l
}
