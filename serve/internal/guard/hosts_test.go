package guard

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestHosts(t *testing.T) {
	h := Hosts(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), []string{"riffle.example"})
	for host, want := range map[string]int{
		"localhost:8000": 200, "LOCALHOST": 200, "127.0.0.1:8000": 200, "127.9.9.9": 200, "[::1]:8000": 200, "::1": 200, "riffle.example:80": 200,
		"evil.example:8000": 421, "localhost.evil.example": 421, "10.0.0.1:8000": 421, "": 421, "[": 421,
	} {
		r := httptest.NewRequest("GET", "/v2", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q: %d, want %d", host, w.Code, want)
		}
	}
	for ip, want := range map[string]bool{"127.0.0.1": true, "::1": true, "0.0.0.0": false, "10.0.0.1": false, "::": false} {
		if got := Loopback(&net.TCPAddr{IP: net.ParseIP(ip)}); got != want {
			t.Errorf("%s: %v, want %v", ip, got, want)
		}
	}
}
