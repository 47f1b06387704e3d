package plan

import "sort"

// layout gives every buffer an offset such that no two that are in use at the
// same time overlap, and returns the arena's length in bytes. The largest comes
// first, and each goes to the lowest place that is free for its whole life (the
// greedy-by-size order of Pisarchyk and Lee, arXiv 2001.03288).
func layout(buffers []Buffer) int64 {
	order := make([]int, len(buffers))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return buffers[order[a]].bytes() > buffers[order[b]].bytes() })
	end := int64(slack)
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
		placed = append(placed, 0)
		copy(placed[k+1:], placed[k:])
		placed[k] = i
		end = max(end, at+b.bytes())
	}
	return end + slack
}
