package guard

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Hosts wraps a handler of a server that listens on loopback alone: it answers only
// requests that were sent to a name of loopback, or to one of names. A page of another
// site could otherwise let its own name point to this machine, and be of the same origin
// (DNS rebinding).
func Hosts(h http.Handler, names []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.Host
		if n, _, err := net.SplitHostPort(name); err == nil {
			name = n
		}
		name = strings.ToLower(strings.Trim(name, "[]"))
		ip, err := netip.ParseAddr(name)
		if name != "localhost" && (err != nil || !ip.IsLoopback()) && !slices.Contains(names, name) {
			http.Error(w, `{"error":"this server is for this machine: -hosts lists other names that it answers to"}`, http.StatusMisdirectedRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Loopback says whether an address that a listener has is reached from this machine alone.
func Loopback(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return ok && t.IP.IsLoopback()
}
