package kernel

import "strings"

// MaxPool is a [Pool] as an argument of [Set.Implementation]: it takes the maximum.
type MaxPool struct{ *Pool }

// AvgPool is a [Pool] as an argument of [Set.Implementation]: it takes the mean.
type AvgPool struct{ *Pool }

// QMaxPool is a [QPool] as an argument of [Set.Implementation]: it takes the maximum.
type QMaxPool struct{ *QPool }

// QAvgPool is a [QPool] as an argument of [Set.Implementation]: it takes the mean.
type QAvgPool struct{ *QPool }

// Implementation returns the name of what would run a call: the kernel, what
// shapes the unit is for, and the instruction set that it was written for, such as
// gemm4x24_avx2, depthwise3x3s2_avx2 or mean_neon. A set that inherits a kernel
// names the set that it has it from. A name that ends in _copy is Go's copy. A name
// that ends in _generic is the Go reference, which takes every shape: see
// [IsReference]. Planes are float32 where the name does not say otherwise; a leading
// q says that they are quantized.
//
// args is a pointer to a kernel's arguments, such as *GEMM, or for a *Pool a
// [MaxPool] or an [AvgPool], for a *QPool a [QMaxPool] or a [QAvgPool]. Of these,
// sizes, Tile, Masks and the epilogue are read, not the planes. For any other type the
// name is empty.
func (s *Set) Implementation(args any) string {
	switch a := args.(type) {
	case *GEMM:
		return s.gemm.implementation("gemm", a)
	case *Depthwise:
		return s.depthwise.implementation("depthwise", a)
	case MaxPool:
		return s.maxPool.implementation("maxpool", a.Pool)
	case AvgPool:
		return s.avgPool.implementation("avgpool", a.Pool)
	case *Mean:
		return s.mean.implementation("mean", a)
	case *Linear:
		return s.linear.implementation("linear", a)
	case *HalfGEMM:
		return s.halfGEMM.implementation("halfgemm", a)
	case *Dots:
		return s.dots.implementation("dots", a)
	case *Phases:
		return s.phases.implementation("phases", a)
	case *Add:
		return s.add.implementation("add", a)
	case *Affine:
		return s.affine.implementation("affine", a)
	case *Binary:
		return s.binary.implementation("binary", a)
	case *Gather:
		return s.gather.implementation("gather", a)
	case *GatherBytes:
		return s.gatherBytes.implementation("gatherbytes", a)
	case *WinogradInput:
		return s.winogradInput.implementation("winogradinput", a)
	case *WinogradOutput:
		return s.winogradOutput.implementation("winogradoutput", a)
	}
	return s.quantized(args)
}

// quantized is Implementation for the kernels of quantized planes.
func (s *Set) quantized(args any) string {
	switch a := args.(type) {
	case *QGEMM:
		return s.qgemm.implementation("qgemm", a)
	case *QDepthwise:
		return s.qdepthwise.implementation("qdepthwise", a)
	case QMaxPool:
		return s.qmaxPool.implementation("qmaxpool", a.QPool)
	case QAvgPool:
		return s.qavgPool.implementation("qavgpool", a.QPool)
	case *QMean:
		return s.qmean.implementation("qmean", a)
	case *QLinear:
		return s.qlinear.implementation("qlinear", a)
	case *QAdd:
		return s.qadd.implementation("qadd", a)
	case *QScale:
		return s.qscale.implementation("qscale", a)
	case *QTable:
		return s.qtable.implementation("qtable", a)
	case *Quantize:
		return s.quantize.implementation("quantize", a)
	case *Dequantize:
		return s.dequantize.implementation("dequantize", a)
	case *PhasesBytes:
		return s.phasesBytes.implementation("phasesbytes", a)
	}
	return ""
}

const reference = "_generic"

func (e *entry[A]) implementation(kernel string, args *A) string {
	if e.unit != nil {
		if name := e.unit(args); name != "" {
			return name
		}
	}
	return kernel + reference
}

// IsReference tells whether a name that [Set.Implementation] returned is the Go
// reference. On the set generic that is all there is; on another set it is a call
// for which that set has no vector code.
func IsReference(implementation string) bool { return strings.HasSuffix(implementation, reference) }

// always is the unit of a kernel that takes every call.
func always[A any](name string) func(*A) string { return func(*A) string { return name } }
