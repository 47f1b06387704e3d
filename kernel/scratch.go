package kernel

// Scratch has an argument block for each kernel. A worker that keeps one fills in a
// block and passes its address: a call then allocates nothing, although the
// compiler cannot see what a set's function does with its argument. Two goroutines
// never share one.
type Scratch struct {
	GEMM        GEMM
	Depthwise   Depthwise
	Pool        Pool
	Mean        Mean
	Linear      Linear
	Dots        Dots
	HalfGEMM    HalfGEMM
	Phases      Phases
	Add         Add
	Affine      Affine
	Binary      Binary
	Gather      Gather
	GatherBytes GatherBytes

	WinogradInput  WinogradInput
	WinogradOutput WinogradOutput

	QGEMM       QGEMM
	QDepthwise  QDepthwise
	QPool       QPool
	QMean       QMean
	QLinear     QLinear
	QAdd        QAdd
	QScale      QScale
	QTable      QTable
	Quantize    Quantize
	Dequantize  Dequantize
	PhasesBytes PhasesBytes
}
