package plan

import (
	"cmp"
	"slices"
	"sort"
)

// layout gives every buffer an offset such that no two that are in use at the same
// time overlap, and returns the arena's length in bytes.
func layout(buffers []Buffer) int64 {
	place := bySize
	if len(buffers) > manyBuffers {
		place = byTime
	}
	return place(buffers) + slack
}

// manyBuffers is the number from which on bySize, which takes time of order n^2, takes
// longer than it is worth. The largest real networks have some hundreds.
const manyBuffers = 4096

// bySize places the largest first, each at the lowest place that is free for its whole
// life: the greedy-by-size order of Pisarchyk and Lee, arXiv 2001.03288.
func bySize(buffers []Buffer) (end int64) {
	order := make([]int, len(buffers))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return buffers[order[a]].bytes() > buffers[order[b]].bytes() })
	end = slack
	var placed []int // sorted by offset
	for _, i := range order {
		b := &buffers[i]
		at := int64(slack)
		for _, j := range placed {
			o := &buffers[j]
			if o.last < b.first || b.last < o.first {
				continue
			}
			if o.offset >= at+b.bytes() {
				break
			}
			at = max(at, o.offset+o.bytes())
		}
		b.offset = at
		k := sort.Search(len(placed), func(k int) bool { return buffers[placed[k]].offset >= at })
		placed = slices.Insert(placed, k, i)
		end = max(end, at+b.bytes())
	}
	return end
}

// byTime places buffers in the order of their first use, each where one of the same
// length has come free, else at the end. It takes more memory than bySize, and time
// of order n log n.
func byTime(buffers []Buffer) (end int64) {
	first, last := make([]int, len(buffers)), make([]int, len(buffers))
	for i := range buffers {
		first[i], last[i] = i, i
	}
	slices.SortStableFunc(first, func(a, b int) int { return cmp.Compare(buffers[a].first, buffers[b].first) })
	slices.SortStableFunc(last, func(a, b int) int { return cmp.Compare(buffers[a].last, buffers[b].last) })
	end = slack
	free := map[int64][]int64{} // offsets, by length
	for _, i := range first {
		b := &buffers[i]
		for len(last) > 0 && buffers[last[0]].last < b.first {
			o := &buffers[last[0]]
			free[o.bytes()] = append(free[o.bytes()], o.offset)
			last = last[1:]
		}
		n := b.bytes()
		if f := free[n]; len(f) > 0 {
			b.offset, free[n] = f[len(f)-1], f[:len(f)-1]
			continue
		}
		b.offset = end
		end += n
	}
	return end
}
