package engine

import (
	"context"
	"fmt"
	"image"

	"github.com/riffle-ml/riffle/engine/preprocess"
)

// Classifier turns pictures into classes, one at a time: a [Session], a
// [preprocess.Preprocessor], and the memory between them. Make one per goroutine and
// keep it. A Classifier is not safe for use by two goroutines at once.
type Classifier struct {
	model   *Model
	session *Session
	prep    *preprocess.Preprocessor
	in, out []float32
	probs   []float32
}

// NewClassifier makes a classifier that preprocesses as the model file says.
// Errors: [ErrNoPreprocess], [ErrClosed]. It may be called from any goroutine.
func (m *Model) NewClassifier() (*Classifier, error) {
	if m.prep == nil {
		return nil, ErrNoPreprocess
	}
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	p, err := preprocess.New(m.prep)
	if err != nil {
		return nil, err
	}
	return &Classifier{model: m, session: s, prep: p, in: make([]float32, m.plan.InLen), out: make([]float32, m.plan.OutLen)}, nil
}

// Classify is [Model.Classify] with the classifier's own memory.
func (c *Classifier) Classify(ctx context.Context, img image.Image, k int) ([]Prediction, error) {
	return c.AppendClasses(ctx, nil, img, k)
}

// AppendClasses appends what [Model.Classify] returns to dst, and returns that. It
// allocates nothing if dst has room for a prediction of every class (of k classes,
// if k is under 64), as far as the picture's own type allows. With an error dst is
// returned as it was.
func (c *Classifier) AppendClasses(ctx context.Context, dst []Prediction, img image.Image, k int) ([]Prediction, error) {
	if err := c.Run(ctx, img); err != nil {
		return dst, err
	}
	probs, err := c.model.probs(c.probs, c.out)
	if err != nil {
		return dst, err
	}
	if !c.model.probabilities {
		c.probs = probs
	}
	return c.model.appendTop(dst, probs, k), nil
}

// Run computes the network for a picture, and does not look at classes: see Outputs
// for what it computes. Errors are those of [Model.Classify].
func (c *Classifier) Run(ctx context.Context, img image.Image) error {
	if err := c.session.usable(); err != nil {
		return err
	}
	if err := c.prep.ApplyContext(ctx, c.in, img); err != nil {
		return err
	}
	return c.session.Run(ctx, c.out, c.in)
}

// Outputs returns all that the network computed for the last picture:
// [Info].OutputLen elements, the outputs in the order of [Info].Outputs. They are
// overwritten by the next picture. Before the first they are zeros, and after an
// error they mean nothing.
func (c *Classifier) Outputs() []float32 { return c.out }

// Session returns the session that the classifier runs, to ask it for the
// permutations of the last picture, or to prescribe some.
func (c *Classifier) Session() *Session { return c.session }

// Close drops the classifier's memory. Using it afterwards is [ErrClosed]. It
// returns nil, and may be called twice.
func (c *Classifier) Close() error { return c.session.Close() }

// Classify returns the k most probable classes of a picture, most probable
// first, equal ones by class; all classes if there are fewer than k. The
// picture is resized, cropped and scaled as the model file says; it may be of
// any type and size, and is not changed. It is taken as it stands: whoever
// decodes it applies the EXIF orientation, as package preprocess does.
//
// Any number of goroutines may call Classify on one Model. Each takes an idle
// [Classifier] or makes one, so that as many exist as calls run at once; those kept
// for later are at most [Info].Threads.
//
// ctx is looked at while the picture is read and scaled, and between layers.
//
// Errors: [ErrNoPreprocess], [ErrNoClasses], [ErrClosed], [preprocess.ErrImage] for a
// nil or broken picture, the context's.
func (m *Model) Classify(ctx context.Context, img image.Image, k int) ([]Prediction, error) {
	c, err := m.classifier()
	if err != nil {
		return nil, err
	}
	defer m.release(c)
	return c.Classify(ctx, img, k)
}

// classifier takes an idle classifier or makes one.
func (m *Model) classifier() (*Classifier, error) {
	if m.prep == nil {
		return nil, ErrNoPreprocess
	}
	if m.closed.Load() {
		return nil, fmt.Errorf("model: %w", ErrClosed)
	}
	if c, ok := m.idle.take().(*Classifier); ok {
		return c, nil
	}
	return m.NewClassifier()
}

// release keeps a classifier for the next call, as many as there are threads;
// a burst's surplus goes back to the collector.
func (m *Model) release(c *Classifier) {
	if !m.closed.Load() {
		m.idle.keep(c, m.plan.Threads)
	}
}
