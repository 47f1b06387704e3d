package riffle

// Options say how to classify. The zero value is the embedded model and five classes.
type Options struct {
	// Model is the path of a .rfl file, of any file system that the program registered
	// with Beam ("gs://...", "/models/net.rfl"), or the name of an embedded model
	// ("tiny-imagenet", the default). Workers must be able to read it.
	Model string
	// Top is how many classes to return; 0 is 5.
	Top int
	// Batch is how many pictures are computed together, at most, within one bundle; 0 is
	// 32. A batch is spread over the worker's processors. Outside of the global window it
	// is 1, so that results stay in their pictures' windows.
	Batch int
	// MaxPixels and MaxBytes bound one picture; 0 is 64 Mi pixels and 256 MiB.
	MaxPixels, MaxBytes int64
}

// Result is what is in one picture.
type Result struct {
	Name    string // the file's path, or the key
	Classes []Class
}

// Class is one class that a picture may belong to.
type Class struct {
	Class int     // index into the network's output
	Label string  // "" where the model has no labels
	Prob  float32 // 0 to 1
}

// Failure is a picture that could not be classified.
type Failure struct {
	Name   string
	Reason string // one line, for people
}

// Picture is an encoded picture with a name.
type Picture struct {
	Name string
	Data []byte
}
