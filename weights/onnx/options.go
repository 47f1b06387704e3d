package onnx

// Option changes how [Import] and [ReadFile] read. What exceeds a limit is an [Error] of
// [ErrUnsupported].
type Option func(*importer)

// WithInputSize gives height and width, in pixels, to a model whose input leaves
// them open. A dimension that the file fixes stays as it is.
func WithInputSize(h, w int) Option { return func(im *importer) { im.hw = [2]int{h, w} } }

// WithChannelsLast says that the file's input has its channels last, [N H W C], as
// TensorFlow and Keras write it. The model's input has them first all the same, [C H W], which is
// what the engine makes of an image.
func WithChannelsLast() Option { return func(im *importer) { im.channelsLast = true } }

// WithWiderCasts drops casts of activations to float16 and bfloat16, so that a model
// computes in float32 what the file computes in 16 bits. The results are more exact than
// the file's, and differ from them. Without the option such a cast is an error.
func WithWiderCasts() Option { return func(im *importer) { im.wider = true } }

// WithMaxFile bounds the file's size in bytes. Default: 1 GiB.
func WithMaxFile(bytes int) Option { return func(im *importer) { im.maxFile = bytes } }

// WithMaxNodes bounds the graph's nodes. Default: 65,536.
func WithMaxNodes(n int) Option { return func(im *importer) { im.maxNodes = n } }

// WithMaxTensors bounds the initializers and constants. Default: 65,536. A tensor
// or an activation has at most 2^28 elements in any case, and 16 dimensions.
func WithMaxTensors(n int) Option { return func(im *importer) { im.maxTensors = n } }
