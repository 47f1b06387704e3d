package kernel

// fold is a run of rows that are reduced element by element: n elements of each,
// from an element of a and k elements of src that lie step elements apart. The rows
// of dst, a and src lie dst, a and src elements apart.
//
//	dst[r*f.dst+i] = a[r*f.a+i] + src[r*f.src+i] + src[r*f.src+i+step] + ...
//
// with the greater of two in place of + for a maximum. Terms are added from left to
// right. Up to 7 elements behind the last of a row may be read and written. dst may
// be a, or lie before src in the same memory, where rows is 1.
type fold struct{ rows, n, k, step, dst, a, src int }

// foldUnit makes folds of one kind.
type foldUnit func(dst, a, src []float32, f fold)

// goFoldMax is the greatest of the terms. NaN wins.
func goFoldMax(dst, a, src []float32, f fold) {
	for r := range f.rows {
		to, m, from := dst[r*f.dst:], a[r*f.a:], src[r*f.src:]
		for i := range f.n {
			best := m[i]
			for j := range f.k {
				if v := from[i+j*f.step]; v > best || v != v {
					best = v
				}
			}
			to[i] = best
		}
	}
}

// goFoldSum is the sum of the terms.
func goFoldSum(dst, a, src []float32, f fold) {
	for r := range f.rows {
		to, m, from := dst[r*f.dst:], a[r*f.a:], src[r*f.src:]
		for i := range f.n {
			sum := m[i]
			for j := range f.k {
				sum += from[i+j*f.step]
			}
			to[i] = sum
		}
	}
}

// goScale multiplies elements of src by those of by, in turn.
func goScale(dst, src, by []float32) {
	for i, v := range src {
		dst[i] = v * by[i%len(by)]
	}
}

// goEven writes rows of n pixels, every stride-th of rows of src, side by side.
func goEven(dst, src []float32, rows, n, stride, step int) {
	for y := range rows {
		for x := range n {
			dst[y*n+x] = src[y*step+x*stride]
		}
	}
}

// manyTerms is from how many terms on a fold takes the sums of blocks of terms, which
// its neighbours share, instead of the terms.
const manyTerms = 8

// block is how many terms of k are folded first.
func block(k int) int {
	if k <= 4*manyTerms {
		return 4
	}
	return 8
}

// windows folds k elements of src, step apart, to each element of dst: n of each
// row. Up to manyTerms are added from left to right. Of more, the sums of whole
// blocks are added from left to right, and then the terms that are left over. tmp has
// room for all of src's elements.
func (u foldUnit) windows(dst, src, tmp []float32, rows, n, k, step, dstRow, srcRow int) {
	if k <= manyTerms {
		u(dst, src, src[step*min(1, k-1):], fold{rows, n, k - 1, step, dstRow, srcRow, srcRow})
		return
	}
	b := block(k)
	blocks, last := k/b, k%b
	all := (rows-1)*srcRow + n
	u(tmp, src, src[step:], fold{rows: 1, n: all + (blocks-1)*b*step, k: b - 1, step: step})
	u(tmp, tmp, tmp[b*step:], fold{rows: 1, n: all, k: blocks - 1, step: b * step})
	rest := src
	if last > 0 {
		rest = src[blocks*b*step:]
	}
	u(dst, tmp, rest, fold{rows, n, last, step, dstRow, srcRow, srcRow})
}
