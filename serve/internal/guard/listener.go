package guard

import (
	"net"
	"net/http"
	"sync"
)

// Listener accepts at most so many connections at once. When one comes that is too
// many, the connection that has been idle for longest is closed in its favour, and
// if none is idle, the new one: who only connects cannot keep those away who ask.
type Listener struct {
	net.Listener
	max   int
	idles bool // whether State is told of connections
	count func(change int)

	mu   sync.Mutex
	open map[*conn]struct{}
	// idle is a ring in the order of becoming idle; its own element is not a connection.
	idle conn
}

type conn struct {
	net.Conn
	l          *Listener
	prev, next *conn // among the idle ones; nil while it is not idle
	once       sync.Once
}

// NewListener limits l to max connections. count is told of each that comes (1) and
// goes (-1). idles says that State will be told which are idle; without, nobody knows, and
// it is always the new connection that is closed.
func NewListener(l net.Listener, max int, idles bool, count func(change int)) *Listener {
	g := &Listener{Listener: l, max: max, idles: idles, count: count, open: map[*conn]struct{}{}}
	g.idle.next, g.idle.prev = &g.idle, &g.idle
	return g
}

// Accept returns the next connection that there is room for.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		raw, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: raw, l: l}
		if old, ok := l.admit(c); !ok {
			raw.Close()
			continue
		} else if old != nil {
			old.Close()
		}
		return c, nil
	}
}

// admit counts c in, and returns the connection to close for it.
func (l *Listener) admit(c *conn) (old *conn, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.open) >= l.max {
		if old = l.idle.next; old == &l.idle {
			return nil, false
		}
		l.unlink(old)
		l.forget(old)
	}
	l.open[c] = struct{}{}
	l.count(1)
	if l.idles {
		l.link(c) // it has asked for nothing yet
	}
	return old, true
}

// State is for http.Server.ConnState: it says which connections are idle.
func (l *Listener) State(c net.Conn, s http.ConnState) {
	g, ok := inner(c)
	if !ok || g.l != l {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unlink(g)
	if _, open := l.open[g]; open && (s == http.StateIdle || s == http.StateNew) {
		l.link(g)
	}
}

// inner finds the connection below TLS.
func inner(c net.Conn) (*conn, bool) {
	if t, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = t.NetConn()
	}
	g, ok := c.(*conn)
	return g, ok
}

// Close closes the connection, and makes room.
func (c *conn) Close() error {
	c.once.Do(func() {
		c.l.mu.Lock()
		defer c.l.mu.Unlock()
		c.l.unlink(c)
		c.l.forget(c)
	})
	return c.Conn.Close()
}

func (l *Listener) forget(c *conn) {
	if _, ok := l.open[c]; ok {
		delete(l.open, c)
		l.count(-1)
	}
}

func (l *Listener) link(c *conn) {
	if c.next == nil {
		c.prev, c.next = l.idle.prev, &l.idle
		c.prev.next, c.next.prev = c, c
	}
}

func (l *Listener) unlink(c *conn) {
	if c.next != nil {
		c.prev.next, c.next.prev = c.next, c.prev
		c.prev, c.next = nil, nil
	}
}
