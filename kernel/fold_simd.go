//go:build (amd64 || arm64) && !purego

package kernel

import "unsafe"

// vectorFold is a unit of assembly that makes folds. Its arguments are those of
// [fold], with vectors of 8 in place of elements, and distances in bytes.
type vectorFold = func(dst, a, src *float32, rows, vecs, k, step, dstStep, aStep, srcStep int)

// folds cuts what a unit is to do into short calls.
func folds(unit vectorFold) foldUnit {
	return func(dst, a, src []float32, f fold) {
		vecs := roundUp8(f.n) / 8
		if f.rows*vecs*(f.k+2) <= 2*callVectors { // nearly always
			unit(&dst[0], &a[0], at(src, 0), f.rows, vecs, f.k, 4*f.step, 4*f.dst, 4*f.a, 4*f.src)
			return
		}
		rows := max(1, 2*callVectors/(vecs*(f.k+2)))
		columns := max(1, 2*callVectors/(f.k+2))
		for y := 0; y < f.rows; y += rows {
			for x := 0; x < vecs; x += columns {
				unit(&dst[y*f.dst+8*x], &a[y*f.a+8*x], at(src, y*f.src+8*x), min(rows, f.rows-y), min(columns, vecs-x),
					f.k, 4*f.step, 4*f.dst, 4*f.a, 4*f.src)
			}
		}
	}
}

// at is the address of element i of v, which may be the one behind the last.
func at(v []float32, i int) *float32 { return unsafe.SliceData(v[i:]) }

// vectorScale is a unit of assembly that multiplies vecs vectors of 8, by vectors that
// lie byStep bytes apart.
type vectorScale = func(dst, src, by *float32, vecs, byStep int)

// scales cuts what a unit is to do into short calls.
func scales(unit vectorScale) func(dst, src, by []float32) {
	return func(dst, src, by []float32) {
		step, vecs := 1, roundUp8(len(src))/8
		if len(by) == 8 {
			step = 0
		}
		for x := 0; x < vecs; x += callVectors {
			unit(&dst[8*x], at(src, 8*x), &by[8*x*step], min(callVectors, vecs-x), 32*step)
		}
	}
}

// evens is [goEven] by a unit for stride 2.
func evens(unit phaseUnit) func(dst, src []float32, rows, n, stride, step int) {
	return func(dst, src []float32, rows, n, stride, step int) {
		if stride != 2 {
			goEven(dst, src, rows, n, stride, step)
			return
		}
		most := max(1, callVectors/(n/8+3))
		for y := 0; y < rows; y += most {
			unit(&dst[y*n], &src[y*step], min(most, rows-y), 0, n, 0, 4*step)
		}
	}
}
