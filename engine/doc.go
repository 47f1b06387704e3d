// Package engine runs frozen ShuffleNet-family networks on a CPU.
//
// # From a picture to its class
//
// A [Model] is a network ready to run, immutable and safe for any number of
// goroutines:
//
//	m, err := engine.Load("cifar10.rfl")
//	img, err := preprocess.DecodeFile("picture.jpg")
//	top, err := m.Classify(ctx, img, 5)
//
// [LoadBytes] and [LoadFS] take embedded files, [LoadReader] a stream, [New] a network
// that a program built or imported from ONNX (package weights/onnx). A [Classifier]
// is one goroutine's, and classifies without allocating; [Model.ClassifyBatch] takes many
// pictures at once.
//
// # Tensors, batches, servers
//
// A [Session] is one goroutine's memory for running a Model. [Session.Run] takes
// raw tensors, any number of samples at once, writes to the caller's buffer and
// allocates nothing:
//
//	s, err := m.NewSession()
//	info := m.Info()
//	src := make([]float32, n*info.InputLen())  // float32, NCHW
//	dst := make([]float32, n*info.OutputLen()) // the outputs of sample 0, of sample 1, ...
//	err = s.Run(ctx, dst, src)
//	top, err := m.Top(dst[i*info.OutputLen():], 5) // classes of sample i
//
// What a network wants as its input, [Info] says in shape and [Model.Preprocess]
// in meaning; a preprocess.Preprocessor turns pictures into it. What Run writes is
// what the network computes, in most of them logits; [Model.Top] takes the
// softmax if one is missing.
//
// One run uses as many threads as [WithThreads] allows: a batch sample by
// sample, a single sample layer by layer. That makes one picture fast. A server
// with pictures enough for every processor wants WithThreads(1) and a Session for
// each of GOMAXPROCS goroutines: no thread then waits for another.
// [Session.SetThreads] lets a server be fast at both, by its load. Nothing here queues or limits
// calls; Example_server shows a program that does.
//
// # Looking inside
//
// [WithOutputs] makes any layer an output too, [WithEmbedding] the vector before the
// classifier, which [Model.Embed] returns.
// [Session.Permutations] says how a network with dynamic shuffles routed its
// channels for the last sample, and [Session.Inject] prescribes it.
// [Model.Steps] and [Session.Profile] show the plan and where its time goes.
//
// # Errors
//
// Every error can be told by errors.Is from the sentinels below, and has what was
// got and what was wanted in it: [ModelError], [ShapeError], and for files
// [weights.FormatError]. Input cannot make this package panic, be it a file, a
// picture or a tensor. A panic of the caller's own picture (an image.Image is
// code) reaches the caller and harms nobody else.
//
// # Limits
//
// A small file can ask for much. What a model will take is known when its plan is
// made, before memory is allocated for activations: [Limits] bound its memory, its work
// and its nodes, and a model beyond them is refused with a [LimitError]. Pictures have
// limits of their own, in package preprocess.
//
// # Replacing a model
//
// A [Holder] hands out the present model and lets another be swapped in while calls are
// under way. The old one is closed when its last run has ended.
//
// # How it works
//
// Loading turns the file's graph into a plan, once. Package internal/graph checks it:
// each node gets an operator, each value a shape. Package internal/passes rewrites it, so
// that fewer passes over memory are left. Package internal/op lowers each node to steps:
// kernel calls with packed weights. Package internal/plan lays out one arena for all
// activations. Running is package internal/run's: it walks the steps, alone or with the
// worker pool.
//
// A tensor is a table of planes, one entry a channel. Shuffles, splits and concats are
// made when planning, out of table entries, and cost nothing at run time. A dynamic
// shuffle writes the tables of what reads it, once its permutation is known.
//
// # Bits
//
// With one build and one instruction set the result has the same bits for any
// number of threads and any place in a batch. Between instruction sets it differs by
// rounding; so a sum that comes near the largest float32 may overflow on one and not on
// another. A generator's own arithmetic has the same bits on all of them.
//
// Sums of over 512 products are made in blocks of up to 256, so that a layer of random
// weights errs by about 2^-22 of its outputs, however deep it is. Winograd's algorithm, with
// tiles of 2x2, errs by no more than that. With tiles of 4x4 it errs by up to three times as
// much. They are for layers of more than 128 channels, and for any layer of a network that
// adds activations to each other. A network that chooses permutations has neither blocks
// nor Winograd's algorithm.
//
// The package logs nothing and starts no goroutine before the first run with
// more than one thread. It reads one environment variable, RIFFLE_ISA, see
// [WithISA].
package engine
