package rest

import (
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/oip"
	"github.com/riffle-ml/riffle/serve/internal/predict"
)

// headLength is the header by which the binary tensor extension says where JSON ends.
const headLength = "Inference-Header-Content-Length"

// body reads the body of a request, unpacked, under the server's limits. free, which is
// never nil, gives its memory back.
func (s server) body(r *http.Request) (body []byte, free func(), err error) {
	none := func() {}
	in, size := io.Reader(r.Body), r.ContentLength
	switch e := r.Header.Get("Content-Encoding"); e {
	case "", "identity":
	case "gzip":
		in, err = gzip.NewReader(in)
		size = -1
	case "deflate": // by which HTTP means zlib's format
		in, err = zlib.NewReader(in)
		size = -1
	default:
		return nil, none, fault.New(fault.Unsupported, "Content-Encoding %.40q, want gzip, deflate or none", e)
	}
	if err != nil {
		return nil, none, unread(err)
	}
	body, free, err = s.Budget.Read(in, size, s.MaxBody)
	return body, free, unread(err)
}

// unread says what an error of reading a body means.
func unread(err error) error {
	var own *fault.Error
	switch {
	case err == nil, errors.As(err, &own):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fault.New(fault.Timeout, "the body did not come in time")
	}
	return fault.New(fault.Invalid, "reading the body: %w", err)
}

// request reads a request of the protocol from a body. One that is a picture alone (the
// header says that it has no JSON, or the content type that it is none) is a request
// of one picture.
func request(r *http.Request, body []byte) (*oip.Request, error) {
	head := len(body)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	picture := strings.HasPrefix(kind, "image/")
	if h := r.Header.Get(headLength); h != "" {
		n, err := strconv.Atoi(h)
		if err != nil || n < 0 {
			return nil, fault.New(fault.Invalid, "header %s is %.40q, want a number", headLength, h)
		}
		head = n
		picture = n == 0
	} else if kind == "application/octet-stream" {
		picture = true
	}
	if picture {
		return &oip.Request{Inputs: []oip.Tensor{{
			Name: predict.Image, Datatype: oip.BYTES, Shape: []int64{1}, Strings: [][]byte{body},
		}}}, nil
	}
	return oip.Decode(body, head)
}
