package app

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/riffle-ml/riffle/serve/internal/rpc/pb"
)

// What makes no sense, or is too much, is refused with the right status and a text that
// says what was got and wanted; the server answers the next request as ever.
func TestRefused(t *testing.T) {
	r := start(t, "-max-body", "200000", "-max-pixels", "20000", "-max-samples", "3")
	ship := picture(t, "ship")
	tensor := func(shape, data string) []byte {
		return fmt.Appendf(nil, `{"inputs":[{"name":"input","datatype":"FP32","shape":%s,"data":%s}]}`, shape, data)
	}
	zeros := func(n int) string { return "[" + strings.Repeat("0,", n-1) + "0]" }
	blob := func(bits uint32) []byte {
		b := make([]byte, 4*3*32*32)
		binary.LittleEndian.PutUint32(b[400:], bits)
		return append([]byte(`{"inputs":[{"name":"input","datatype":"FP32","shape":[1,3,32,32],"parameters":{"binary_data_size":12288}}]}`), b...)
	}
	head := []string{"Inference-Header-Content-Length", fmt.Sprint(len(blob(0)) - 12288)}
	png := []string{"Content-Type", "image/png"}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.CopyN(z, zeroReader{}, 50<<20)
	z.Close()
	pixels := `{"inputs":[{"name":"image","datatype":"UINT8","shape":%s,"data":[1,2,3]}]}`
	for _, c := range []struct {
		name, model string
		body        []byte
		headers     []string
		code        int
		text        string
	}{
		{"no model", "nothing", ship, png, 404, `no model "nothing"`},
		{"another version", "cifar10/versions/7", ship, png, 404, `no version "7"`},
		{"path traversal", "..%2f..%2fetc", ship, png, 404, "no model"},
		{"path traversal in a version", "cifar10/versions/..%2f1", ship, png, 404, "no version"},
		{"empty", "cifar10", nil, nil, 400, "unexpected end"},
		{"no JSON", "cifar10", []byte("hello"), nil, 400, "invalid character"},
		{"no input", "cifar10", []byte("{}"), nil, 400, "0 inputs, want one"},
		{"another input", "cifar10", []byte(`{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]}`), nil, 404, `no input "x"`},
		{"another shape", "cifar10", tensor("[1,3,31,33]", zeros(3069)), nil, 400, "want [n 3 32 32]"},
		{"too few elements", "cifar10", tensor("[1,3,32,32]", "[1]"), nil, 400, "more elements than"},
		{"no samples", "cifar10", tensor("[0,3,32,32]", "[]"), nil, 413, "0 samples"},
		{"too many samples", "cifar10", tensor("[4,3,32,32]", zeros(4*3072)), nil, 413, "4 samples in one request, want 1 to 3"},
		{"NaN", "cifar10", blob(0x7fc00000), head, 400, "element 100 is NaN"},
		{"infinity", "cifar10", blob(0x7f800000), head, 400, "element 100 is +Inf"},
		{"another output", "cifar10", []byte(`{"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"data":["aGk="]}],"outputs":[{"name":"y"}]}`), nil, 404, `no output "y"`},
		{"an output twice", "cifar10", []byte(`{"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"data":["aGk="]}],"outputs":[{"name":"logits"},{"name":"logits"}]}`), nil, 400, "asked for twice"},
		{"no picture", "cifar10", []byte("GIF89a"), png, 415, "picture 0"},
		{"half a picture", "cifar10", ship[:len(ship)/2], png, 415, "picture 0"},
		{"a bomb of a picture", "cifar10", bomb(50000, 50000), png, 413, "50000 x 50000"},
		{"pixels of another shape", "cifar10", fmt.Appendf(nil, pixels, "[1,1,3,1]"), nil, 400, "want [n height width 3]"},
		{"pixels without any", "cifar10", fmt.Appendf(nil, strings.Replace(pixels, "1,2,3", "", 1), "[1,0,5,3]"), nil, 413, "5 x 0"},
		{"a body too large", "cifar10", make([]byte, 200001), png, 413, "more than 200000 bytes"},
		{"a bomb of gzip", "cifar10", packed.Bytes(), []string{"Content-Type", "image/png", "Content-Encoding", "gzip"}, 413, "more than 200000 bytes"},
		{"half a gzip", "cifar10", packed.Bytes()[:100], []string{"Content-Encoding", "gzip"}, 400, "reading the body"},
		{"another encoding", "cifar10", ship, []string{"Content-Encoding", "br"}, 415, `"br"`},
		{"a head longer than the body", "cifar10", []byte("{}"), []string{"Inference-Header-Content-Length", "3"}, 400, "by its header"},
		{"a head that is no number", "cifar10", []byte("{}"), []string{"Inference-Header-Content-Length", "-1"}, 400, "want a number"},
		{"a deadline in the past", "cifar10", []byte(`{"parameters":{"timeout":-1},"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"data":["aGk="]}]}`), nil, 400, "timeout is -1"},
		{"a top_k of 0", "cifar10", []byte(`{"parameters":{"top_k":0},"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"data":["aGk="]}]}`), nil, 400, "top_k is 0"},
	} {
		r.post(c.model, c.body, c.headers...).fails(t, c.name, c.code, c.text)
	}
	// A name of many kilobytes is not sent back as a whole.
	long := fmt.Appendf(nil, `{"inputs":[{"name":"%s","datatype":"FP32","shape":[1],"data":[1]}]}`, strings.Repeat("é", 50000))
	a := r.post("cifar10", long)
	if a.fails(t, "a long name", 404, "no input"); len(a.body) > 5000 {
		t.Errorf("an answer of %d bytes to a long name", len(a.body))
	}
	_, err := r.dial(t).ModelInfer(t.Context(), &pb.ModelInferRequest{ModelName: "cifar10", Inputs: []*pb.ModelInferRequest_InferInputTensor{
		{Name: strings.Repeat("é", 50000), Datatype: "FP32", Shape: []int64{1}, Contents: &pb.InferTensorContents{Fp32Contents: []float32{1}}}}})
	if status.Code(err) != codes.NotFound || len(err.Error()) > 5000 {
		t.Errorf("gRPC, a long name: %.300v", err)
	}
	r.send("GET", "/v2/nothing", nil).fails(t, "no path", 404, "nothing that this server has")
	r.send("POST", "/v2/repository/index", strings.NewReader("[")).fails(t, "index", 400, "JSON")
	if a := r.post("cifar10", ship, png...); a.code != 200 {
		t.Errorf("after all that: %d %s", a.code, a.body)
	}
}

type zeroReader struct{}

func (zeroReader) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// bomb is a PNG of a few bytes that says to be w x h pixels large.
func bomb(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	b = binary.BigEndian.AppendUint32(b, w)
	b = binary.BigEndian.AppendUint32(b, h)
	b = append(b, 8, 2, 0, 0, 0)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[12:]))
}

// Requests that together want more memory than there is are refused, and told to come back.
func TestMemory(t *testing.T) {
	r := start(t, "-max-body", "1000000", "-max-memory", "6000000")
	body := append([]byte("{}"), bytes.Repeat([]byte(" "), 999_998)...)
	var a reply
	var out *io.PipeWriter
	var answer chan reply
	within(t, "a large one's arrival", func() bool {
		if out != nil { // it met the other one while it came, and was refused itself
			out.Close()
			<-answer
		}
		var in *io.PipeReader
		in, out = io.Pipe()
		answer = make(chan reply, 1)
		go func(answer chan reply) { answer <- r.send("POST", "/v2/models/cifar10/infer", in) }(answer)
		out.Write(make([]byte, 900_000)) // and soon it holds that
		time.Sleep(20 * time.Millisecond)
		a = r.post("cifar10", body)
		return a.code != 400
	})
	a.fails(t, "beside a large one", 503, "memory")
	if a.header.Get("Retry-After") == "" {
		t.Error("it does not say when to come back")
	}
	out.Close()
	(<-answer).fails(t, "the large one", 400, "JSON")
	r.post("cifar10", body).fails(t, "alone", 400, "0 inputs")
}

// Who sends slowly is answered or cut off when the server's patience ends, and costs
// nobody else anything meanwhile.
func TestSlowClients(t *testing.T) {
	r := start(t, "-patience", "1s")
	address := strings.TrimPrefix(r.http, "http://")
	for name, text := range map[string]string{
		"body":     "POST /v2/models/cifar10/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{",
		"chunks":   "POST /v2/models/cifar10/infer HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
		"header":   "POST /v2/models/cifar10/infer HTTP/1.1\r\nHost: localhost\r\n",
		"index":    "POST /v2/repository/index HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
		"refused":  "POST /v2/models/cifar10/infer HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1000\r\n\r\n{",
		"no bytes": "",
	} {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.WriteString(c, text)
		if a := r.post("cifar10", picture(t, "ship"), "Content-Type", "image/png"); a.code != 200 {
			t.Errorf("beside a slow %s: %d", name, a.code)
		}
		if name == "no bytes" {
			continue // an idle connection may stay until its place is wanted
		}
		c.SetReadDeadline(time.Now().Add(10 * time.Second))
		answer, err := io.ReadAll(c)
		if err != nil {
			t.Errorf("a slow %s: %v after %q", name, err, answer)
		}
		if name == "body" && !bytes.Contains(answer, []byte(" 504 ")) {
			t.Errorf("a slow body: %q", answer)
		}
	}
}

// Headers without end are refused.
func TestHugeHeaders(t *testing.T) {
	r := start(t)
	q, _ := http.NewRequest("GET", r.http+"/v2", nil)
	q.Header.Set("X-Long", strings.Repeat("x", 1<<20))
	a, err := http.DefaultClient.Do(q)
	if err == nil {
		a.Body.Close()
		if a.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("got %d, want %d", a.StatusCode, http.StatusRequestHeaderFieldsTooLarge)
		}
	}
}

// Ten thousand connections that ask for nothing: memory stays bounded, and who asks is
// answered.
func TestIdleConnections(t *testing.T) {
	n := 10000
	if testing.Short() {
		n = 1000
	}
	r := start(t, "-max-connections", "100")
	address := strings.TrimPrefix(r.http, "http://")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	goroutines := runtime.NumGoroutine()
	var all []net.Conn
	defer func() {
		for _, c := range all {
			c.Close()
		}
	}()
	for i := range n {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Logf("%d connections: %v", i, err) // this process's own limit of files
			break
		}
		if i%2 == 0 {
			io.WriteString(c, "GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
		}
		all = append(all, c)
		if len(all) > 1000 { // the clients' half is not what is measured
			all[0].Close()
			all = all[1:]
		}
	}
	within(t, "closing connections", func() bool { return runtime.NumGoroutine() < goroutines+300 })
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapInuse+after.StackInuse) - int64(before.HeapInuse+before.StackInuse); grown > 32<<20 {
		t.Errorf("%d idle connections take %d MiB", n, grown>>20)
	}
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET /v2/health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	a, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || a.StatusCode != 200 {
		t.Errorf("beside them: %v, %v", a, err)
	}
}

// Requests that are small for what reading them makes of them are refused before that: of 16
// MB of {}, [1,1,1 or empty inputs would become gigabytes. Memory stays within a small
// multiple of the body.
func TestInflation(t *testing.T) {
	r := start(t, "-slots", "1")
	size := 16<<20 - 1000
	if testing.Short() {
		size = 1 << 20
	}
	fill := func(before, item, after string) []byte {
		n := size / len(item)
		b := append([]byte(before), bytes.Repeat([]byte(item), n)...)
		return append(b[:len(b)-1], after...) // without the last comma
	}
	params := []byte(`{"parameters":{`)
	for i := range size / 12 {
		params = fmt.Appendf(params, `"%x":1,`, i)
	}
	image := func(what string) string { return `{"inputs":[{"name":"image","datatype":"BYTES",` + what }
	blob := `{"inputs":[{"name":"image","datatype":"%s","shape":[%d%s],"parameters":{"binary_data_size":%d}}]}`
	strings, pixels := fmt.Sprintf(blob, "BYTES", size/4, "", size/4*4), fmt.Sprintf(blob, "UINT8", size/3, ",1,1,3", size/3*3)
	var message, entries []byte
	for range size / 2 {
		message = append(message, 5<<3|2, 0)
		entries = append(entries, 2<<3|2, 0)
	}
	for _, c := range []struct {
		name string
		ask  func() reply
		code int
	}{
		{"inputs", func() reply { return r.post("cifar10", fill(`{"inputs":[`, "{},", `]}`)) }, 400},
		{"outputs", func() reply { return r.post("cifar10", fill(`{"outputs":[`, "{},", `]}`)) }, 400},
		{"parameters", func() reply { return r.post("cifar10", append(params[:len(params)-1], "}}"...)) }, 400},
		{"a shape", func() reply { return r.post("cifar10", fill(image(`"data":[],"shape":[`), "1,", `]}]}`)) }, 400},
		{"strings", func() reply {
			return r.post("cifar10", fill(image(fmt.Sprintf(`"shape":[%d],"data":[`, size/3)), `"",`, `]}]}`))
		}, 413},
		{"binary strings", func() reply {
			return r.post("cifar10", append([]byte(strings), make([]byte, size/4*4)...), "Inference-Header-Content-Length", fmt.Sprint(len(strings)))
		}, 413},
		{"pictures of a pixel", func() reply {
			return r.post("cifar10", append([]byte(pixels), make([]byte, size/3*3)...), "Inference-Header-Content-Length", fmt.Sprint(len(pixels)))
		}, 413},
		{"gRPC's inputs", func() reply { return r.wire(t, pb.GRPCInferenceService_ModelInfer_FullMethodName, message) }, int(codes.InvalidArgument)},
		{"gRPC's parameters of a load", func() reply {
			return r.wire(t, pb.GRPCInferenceService_RepositoryModelLoad_FullMethodName, entries)
		}, int(codes.Internal)},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		a := c.ask()
		runtime.ReadMemStats(&after)
		if a.code != c.code {
			t.Errorf("%s: %d %.200s, want %d", c.name, a.code, a.body, c.code)
		}
		// The client's own bytes are among these, in each of the buffers that it makes.
		if n := int64(after.TotalAlloc - before.TotalAlloc); n > 14*int64(size) {
			t.Errorf("%s: %d bytes became %d", c.name, size, n)
		}
	}
}

// wire sends bytes as a message over gRPC. The code of the reply is gRPC's.
func (r *running) wire(t *testing.T, method string, message []byte) reply {
	c, err := grpc.NewClient(r.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodec(asIs{})))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var answer []byte
	err = c.Invoke(t.Context(), method, &message, &answer)
	return reply{code: int(status.Code(err)), body: fmt.Append(answer, err)}
}

// asIs is a codec of messages that are bytes already.
type asIs struct{}

func (asIs) Marshal(v any) ([]byte, error)   { return *v.(*[]byte), nil }
func (asIs) Unmarshal(b []byte, v any) error { *v.(*[]byte) = bytes.Clone(b); return nil }
func (asIs) Name() string                    { return "proto" }

// An answer that is much larger than its request counts too: what does not fit is refused.
func TestLargeAnswer(t *testing.T) {
	r := start(t, "-max-body", "30000", "-max-memory", "180000")
	body := func(n int) []byte {
		return fmt.Appendf(nil, `{"inputs":[{"name":"image","datatype":"UINT8","shape":[%d,1,1,3],"data":[%s0]}],"outputs":[{"name":"embedding"}]}`, n, strings.Repeat("0,", 3*n-1))
	}
	r.post("cifar10-sds", body(200)).fails(t, "200 embeddings of 256 numbers", 413, "bytes of memory")
	if a := r.post("cifar10-sds", body(10)); a.code != 200 {
		t.Errorf("ten of them: %d %.200s", a.code, a.body)
	}
	for range 50 { // what was held is given back
		if a := r.post("cifar10-sds", body(10)); a.code != 200 {
			t.Fatalf("again: %d %.200s", a.code, a.body)
		}
	}
}
