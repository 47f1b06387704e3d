package kernel

// What a core has for itself of the caches behind the first one, in bytes.
const (
	defaultCache = 512 << 10 // where the processor does not tell: most have that much
	leastCache   = 256 << 10
	mostCache    = 4 << 20 // more is another cache than the nearest, or many cores'
)

// NearCache returns how many bytes the cache holds that a core has for itself: what one
// step writes and the next reads should be less, or it comes from much further away.
func NearCache() int {
	if n := nearCache(); n > 0 {
		return min(max(n, leastCache), mostCache)
	}
	return defaultCache
}
