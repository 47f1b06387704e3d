package kernel

import (
	"fmt"
	"math"
	"slices"
)

// planes is one table of a contract, as Check sees it.
type planes struct {
	name          string
	table         []int32
	n             int // pixels in a plane
	before, after int // elements that may be touched around them
}

// check tells where an entry's plane, with what may be touched around it,
// leaves mem, or where there are not count entries.
func (t planes) check(kernel string, mem, count int) error {
	if len(t.table) != count {
		return fmt.Errorf("%s: %s has %d planes, wanted %d", kernel, t.name, len(t.table), count)
	}
	for c, off := range t.table {
		if err := t.checkOne(kernel, mem, c, int(off)); err != nil {
			return err
		}
	}
	return nil
}

func (t planes) checkOne(kernel string, mem, c, off int) error {
	if off < t.before || off > mem-t.n-t.after {
		return fmt.Errorf("%s: %s[%d] is at %d, wanted a plane of %d with %d before it and %d after it inside %d elements",
			kernel, t.name, c, off, t.n, t.before, t.after, mem)
	}
	return nil
}

// checkWindows tells which plane of a windowed operation leaves mem, or overlaps another.
func checkWindows(kernel string, mem, count int, src, dst planes) error {
	if err := src.check(kernel, mem, count); err != nil {
		return err
	}
	if err := dst.check(kernel, mem, count); err != nil {
		return err
	}
	return disjoint(kernel, dst, src)
}

// moved returns t with off added to its entries, or tells what check tells of that.
func (t planes) moved(kernel string, mem, off, count int) (planes, error) {
	to := t
	to.table = make([]int32, len(t.table))
	if len(t.table) != count {
		return to, fmt.Errorf("%s: %s has %d planes, wanted %d", kernel, t.name, len(t.table), count)
	}
	for i, v := range t.table {
		at := int64(v) + int64(off)
		if at < int64(t.before) || at > int64(mem-t.n-t.after) || at > math.MaxInt32 {
			return to, fmt.Errorf("%s: %s[%d] is at %d + %d, wanted %d pixels, %d before and %d after them inside %d elements",
				kernel, t.name, i, v, off, t.n, t.before, t.after, mem)
		}
		to.table[i] = int32(at)
	}
	return to, nil
}

// inPlace tells where a residual's plane r[m] is neither c[m] nor apart from all of c. The
// tables are checked already.
func inPlace(kernel string, c, r planes) error {
	for m, off := range r.table {
		at := slices.IndexFunc(c.table, func(o int32) bool { return int(o) < int(off)+c.n && int(off) < int(o)+c.n })
		if at >= 0 && (c.table[m] != off || at != m) {
			return fmt.Errorf("%s: R[%d] overlaps C[%d], wanted the same plane of the same row, or no overlap", kernel, m, at)
		}
	}
	return nil
}

// disjoint tells where two planes of dst overlap, or one of dst and one of
// src. The tables are checked already.
func disjoint(kernel string, dst, src planes) error {
	d := sorted(dst.table)
	for i := 1; i < len(d); i++ {
		if int(d[i-1])+dst.n > int(d[i]) {
			return fmt.Errorf("%s: %s has planes of %d at %d and %d, wanted no overlap", kernel, dst.name, dst.n, d[i-1], d[i])
		}
	}
	i := 0
	for _, off := range sorted(src.table) {
		for i < len(d) && int(d[i])+dst.n <= int(off) {
			i++
		}
		if i < len(d) && int(d[i]) < int(off)+src.n {
			return fmt.Errorf("%s: %s's plane of %d at %d overlaps %s's of %d at %d", kernel, dst.name, dst.n, d[i], src.name, src.n, off)
		}
	}
	return nil
}

func sorted(table []int32) []int32 {
	s := slices.Clone(table)
	slices.Sort(s)
	return s
}

// positive tells the first value below 1; names and values alternate.
func positive(kernel string, pairs ...any) error {
	for i := 0; i < len(pairs); i += 2 {
		if v := pairs[i+1].(int); v < 1 {
			return fmt.Errorf("%s: %s is %d, wanted at least 1", kernel, pairs[i], v)
		}
	}
	return nil
}

// roundUp rounds n up to a multiple of by, a power of two.
func roundUp(n, by int) int { return (n + by - 1) &^ (by - 1) }

// roundUp8 rounds n up to a multiple of 8.
func roundUp8(n int) int { return roundUp(n, 8) }
