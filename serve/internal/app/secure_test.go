package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	"github.com/riffle-ml/riffle/serve/internal/rpc/pb"
)

// certificate makes a self-signed one, good for server and client, and returns its files.
func certificate(t *testing.T, dir, name string) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	kder, _ := x509.MarshalPKCS8PrivateKey(k)
	cert, key = filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key")
	os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
	os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: kder}), 0o600)
	return cert, key
}

// With -tls-client-ca, both protocols answer who has a certificate of that authority, and
// nobody else.
func TestMutualTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key := certificate(t, dir, "server")
	ca, caKey := certificate(t, dir, "client")
	r := start(t, "-tls-cert", cert, "-tls-key", key, "-tls-client-ca", ca)
	url := strings.Replace(r.http, "http:", "https:", 1)
	roots := x509.NewCertPool()
	b, _ := os.ReadFile(cert)
	roots.AppendCertsFromPEM(b)
	pair, err := tls.LoadX509KeyPair(ca, caKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range []bool{true, false} {
		config := &tls.Config{RootCAs: roots}
		if known {
			config.Certificates = []tls.Certificate{pair}
		}
		tr := &http.Transport{TLSClientConfig: config}
		a, err := (&http.Client{Transport: tr}).Get(url + "/v2")
		if (err == nil) != known {
			t.Errorf("HTTP, certificate %v: %v", known, err)
		}
		if err == nil {
			a.Body.Close()
		}
		tr.CloseIdleConnections()
		c, err := grpc.NewClient(r.grpc, grpc.WithTransportCredentials(credentials.NewTLS(config)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = pb.NewGRPCInferenceServiceClient(c).ServerLive(t.Context(), &pb.ServerLiveRequest{})
		if (err == nil) != known {
			t.Errorf("gRPC, certificate %v: %v", known, err)
		}
		c.Close()
	}
	if a, err := http.Get(r.http + "/v2"); err == nil {
		a.Body.Close()
		if a.StatusCode == 200 {
			t.Error("it answers without TLS")
		}
	}
}

// With a token, both protocols want it; probes and the page do without.
func TestBearer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	os.WriteFile(path, []byte("a token of our own\n"), 0o600)
	r := start(t, "-token-file", path)
	for _, c := range []struct {
		path, token string
		code        int
	}{
		{"/v2/health/live", "", 200}, {"/v2/health/ready", "", 200}, {"/", "", 200},
		{"/v2", "", 401}, {"/metrics", "", 401}, {"/v2/models/cifar10", "", 401}, {"/v2/nothing", "", 401},
		{"/v2", "a token of our own", 200}, {"/metrics", "a token of our own", 200}, {"/v2", "another one", 401},
	} {
		var h []string
		if c.token != "" {
			h = []string{"Authorization", "Bearer " + c.token}
		}
		if a := r.send("GET", c.path, nil, h...); a.code != c.code {
			t.Errorf("%s with token %q: %d, want %d", c.path, c.token, a.code, c.code)
		}
	}
	p := r.dial(t)
	if _, err := p.ServerLive(t.Context(), &pb.ServerLiveRequest{}); err != nil {
		t.Error(err)
	}
	if _, err := p.ServerMetadata(t.Context(), &pb.ServerMetadataRequest{}); err == nil {
		t.Error("gRPC without the token is answered")
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer a token of our own")
	if _, err := p.ServerMetadata(ctx, &pb.ServerMetadataRequest{}); err != nil {
		t.Error(err)
	}
}

// A page of another site cannot make a browser use the server, and with -control=false
// nobody loads or unloads.
func TestForbidden(t *testing.T) {
	r := start(t, "-control=false")
	r.send("POST", "/v2/repository/models/cifar10/unload", nil).fails(t, "unloading", 403, "does not let")
	a := r.post("cifar10", picture(t, "ship"), "Content-Type", "image/png", "Origin", "http://example.org", "Sec-Fetch-Site", "cross-site")
	if a.code != 403 {
		t.Errorf("a request of another site: %d", a.code)
	}
	q, _ := http.NewRequest("GET", r.http+"/v2", nil)
	q.Host = "evil.example" // whose name points to this machine
	if a, err := http.DefaultClient.Do(q); err != nil || a.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("a request under another name: %v, %v", a, err)
	}
	if a = r.send("POST", "/", nil); a.code != 405 {
		t.Errorf("writing to the page: %d", a.code)
	}
	for _, flags := range [][]string{
		{}, {"-models", "x", "y"}, {"-models", "x", "-http", "", "-grpc", ""}, {"-models", "x", "-slots", "0"}, {"-models", "x", "-timeout", "-1s"},
		{"-models", "x", "-max-memory", "5"}, {"-nothing"}, {"-models", "x", "-log", "loud"},
	} {
		var text strings.Builder
		if code := Run(t.Context(), flags, &text); code != 2 || text.Len() == 0 {
			t.Errorf("%v: exit status %d and %q, want 2 and a reason", flags, code, text.String())
		}
	}
	for _, flags := range [][]string{
		{"-models", "/nothing/here"}, {"-models", r.dir, "-tls-cert", "x"}, {"-models", r.dir, "-token-file", "/nothing/here"},
		{"-models", r.dir, "-http", strings.TrimPrefix(r.http, "http://")},
	} {
		var text strings.Builder
		if code := Run(t.Context(), flags, &text); code != 1 || !strings.Contains(text.String(), "error=") {
			t.Errorf("%v: exit status %d and %q, want 1 and a reason", flags, code, text.String())
		}
	}
}

// The second port has metrics and profiles, and nothing else; the first has no profiles.
func TestDebug(t *testing.T) {
	r := start(t, "-debug", "127.0.0.1:0")
	if a := r.post("cifar10", picture(t, "ship"), "Content-Type", "image/png"); a.code != 200 {
		t.Errorf("%d %s", a.code, a.body)
	}
	if a := r.send("GET", "/debug/pprof/", nil); a.code != 404 {
		t.Errorf("profiles on the first port: %d", a.code)
	}
	r.http = r.debug
	if a := r.send("GET", "/metrics", nil); !strings.Contains(string(a.body), `riffle_requests_total{code="200",model="cifar10",protocol="http"} 1`) {
		t.Errorf("metrics on the second port: %d", a.code)
	}
	if a := r.send("GET", "/debug/pprof/goroutine?debug=1", nil); !strings.Contains(string(a.body), "gate.(*Gate).slot") {
		t.Errorf("profiles on the second port: %d %.200s", a.code, a.body)
	}
	if a := r.send("GET", "/v2", nil); a.code != 404 {
		t.Errorf("the protocol on the second port: %d", a.code)
	}
}
