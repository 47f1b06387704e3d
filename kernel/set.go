package kernel

// Set is the implementation of every kernel for one instruction set, and what a
// planner may ask of it. A set is a copy of the one below it with some kernels
// replaced (avx512 and avxvnni over avx2 over generic, neon over generic), so that every set has every
// kernel. Sets never change and may be shared by any number of goroutines.
//
// The methods that run a kernel check nothing: the caller holds the contract of
// the argument type. [Set.Check] tells where a call breaks it, for tests: a plan
// is right by construction, and a check at every call would cost more than some
// of the kernels.
type Set struct {
	Name  string // "generic", "avx2", "avxvnni", "avx512", "neon"
	Lanes int    // float32 values in a vector register, 1 for generic

	// What a planner cuts work by.
	Tiles      []Tile // that GEMM takes
	StoreLanes int    // a GEMM writes rows up to a multiple of so many pixels, 8 or less
	PixelCut   int    // parts of a GEMM's pixels should begin at multiples of its widest strip
	LinearRows int    // parts of a Linear's outputs should begin at multiples of what it computes together
	Halves     bool   // Linear takes a matrix of float16 values
	QRows      int    // parts of a QGEMM's output channels should begin at multiples of it
	QPixels    int    // parts of a QGEMM's pixels should begin at multiples of it

	gemm        entry[GEMM]
	depthwise   entry[Depthwise]
	maxPool     entry[Pool]
	avgPool     entry[Pool]
	mean        entry[Mean]
	linear      entry[Linear]
	dots        entry[Dots]
	halfGEMM    entry[HalfGEMM]
	phases      entry[Phases]
	add         entry[Add]
	affine      entry[Affine]
	binary      entry[Binary]
	gather      entry[Gather]
	gatherBytes entry[GatherBytes]

	winogradInput  entry[WinogradInput]
	winogradOutput entry[WinogradOutput]

	qgemm       entry[QGEMM]
	qdepthwise  entry[QDepthwise]
	qmaxPool    entry[QPool]
	qavgPool    entry[QPool]
	qmean       entry[QMean]
	qlinear     entry[QLinear]
	qadd        entry[QAdd]
	qscale      entry[QScale]
	qtable      entry[QTable]
	quantize    entry[Quantize]
	dequantize  entry[Dequantize]
	phasesBytes entry[PhasesBytes]

	qgemmLen       func(m, k int) int                        // see QGEMMLen
	qgemmPack      func(dst []byte, w []int8, m, k int)      // see PackQGEMM
	qdepthwiseLen  func(d *QDepthwise) int                   // see QDepthwiseLen
	qdepthwisePack func(d *QDepthwise, dst []byte, w []int8) // see PackQDepthwise

	// activate applies act to pixels off to off+n of planes src and stores them in dst,
	// which may be src. It may reach to n rounded up to 8.
	activate func(mem []float32, src, dst []int32, off, n int, act Activation)

	halfPanel func(k, n int) int // see HalfPanelLen; nil: it needs none
	halfLacks string             // what float16 arithmetic wants and the set has not; "": nothing

	tile           func(m, n int) Tile        // see TileFor
	cycles         func(m, n int) float64     // see Cycles; nil: a full vector is as good as another
	panel          func(m, k, n int) int      // see PanelLen; nil: it needs none
	factors        factors                    // see FactorsLen
	depthwiseMasks func(*Depthwise) []float32 // see DepthwiseMasks; nil: there are none
	poolMasks      func(*Pool) []float32      // see PoolMasks; nil: there are none
	peak           func() (flops int)         // see PeakGFLOPS
	qpeak          func() (macs int)          // see PeakInt8GMACS
	lacks          func() (features []string) // what the processor or the operating system lacks; nil: nothing
}

// entry is one kernel of a set.
type entry[A any] struct {
	run func(*A)
	// unit names what run takes for a call, such as "depthwise3x3s2_avx2". It
	// returns "" where run hands the call to the reference. nil: it always does.
	unit func(*A) string
	by   string       // the set that this kernel was written for
	work func(*A) int // the bytes of Work that a quantized call needs; nil: none
}

// with returns a copy of s called name, in which override has replaced some
// kernels. Those belong to the new set, the others to the set that they came from.
func (s *Set) with(name string, override func(s *Set)) *Set {
	t := *s
	t.Name = name
	override(&t)
	for _, k := range t.kernels() {
		k.claim(name)
	}
	return &t
}

// named is a kernel of a set, whatever its arguments.
type named struct {
	name  string
	entry interface {
		claim(set string)
		owner() string
		complete() bool
	}
}

func (n named) claim(set string) { n.entry.claim(set) }

// kernels lists every kernel of s.
func (s *Set) kernels() []named {
	return []named{
		{"gemm", &s.gemm}, {"depthwise", &s.depthwise}, {"maxpool", &s.maxPool}, {"avgpool", &s.avgPool},
		{"mean", &s.mean}, {"linear", &s.linear}, {"dots", &s.dots}, {"halfgemm", &s.halfGEMM}, {"phases", &s.phases},
		{"add", &s.add}, {"affine", &s.affine}, {"binary", &s.binary}, {"gather", &s.gather}, {"gatherbytes", &s.gatherBytes},
		{"winogradinput", &s.winogradInput}, {"winogradoutput", &s.winogradOutput},
		{"qgemm", &s.qgemm}, {"qdepthwise", &s.qdepthwise}, {"qmaxpool", &s.qmaxPool}, {"qavgpool", &s.qavgPool},
		{"qmean", &s.qmean}, {"qlinear", &s.qlinear}, {"qadd", &s.qadd}, {"qscale", &s.qscale}, {"qtable", &s.qtable},
		{"quantize", &s.quantize}, {"dequantize", &s.dequantize}, {"phasesbytes", &s.phasesBytes},
	}
}

// own is a kernel that replaces the one of the set below.
func own[A any](run func(*A), unit func(*A) string) entry[A] { return entry[A]{run: run, unit: unit} }

// workLen is how many bytes of Work a quantized call needs.
func (e *entry[A]) workLen(a *A) int {
	if e.work == nil {
		return 0
	}
	return e.work(a)
}

func (e *entry[A]) claim(set string) {
	if e.by == "" {
		e.by = set
	}
}

func (e *entry[A]) owner() string  { return e.by }
func (e *entry[A]) complete() bool { return e.run != nil }
