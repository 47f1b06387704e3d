package rpc

import (
	"context"
	"maps"
	"math"
	"slices"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/oip"
	"github.com/riffle-ml/riffle/serve/internal/rpc/pb"
	"github.com/riffle-ml/riffle/serve/internal/seen"
)

// modelInfer answers an infer request. Outputs are always in the binary form.
func (s *service) modelInfer(ctx context.Context, in raw) (*pb.ModelInferResponse, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	call, ctx := s.s.Seen.Begin(ctx, "grpc", carrier(md))
	call.In = len(in)
	a, err := s.infer(ctx, in, call)
	if err == nil {
		call.Out = proto.Size(a)
	}
	call.End(ctx, err)
	return a, said(err)
}

func (s *service) infer(ctx context.Context, in raw, call *seen.Call) (*pb.ModelInferResponse, error) {
	// The same as is held for a request over HTTP: the message as it came, and what is made
	// of it. Pictures and tensors are used where they lie.
	most := 5 * s.s.MaxBody
	size := cost(inferRequest, in, most)
	if size > most {
		return nil, fault.New(fault.TooLarge, "a message of %d bytes that takes more than %d bytes of memory to read", len(in), most)
	}
	free, err := s.s.Budget.Hold(int64(len(in)) + size)
	if err != nil {
		return nil, err
	}
	defer free()
	r := &pb.ModelInferRequest{}
	if err := proto.Unmarshal(in, r); err != nil {
		return nil, fault.New(fault.Invalid, "the message: %w", err)
	}
	n, release, err := s.s.Admit(call, r.ModelName, r.ModelVersion)
	if err != nil {
		return nil, err
	}
	defer release()
	q, err := request(r)
	if err != nil {
		return nil, err
	}
	a, sent, err := s.s.Compute(ctx, n, q)
	if err != nil {
		return nil, err
	}
	defer sent() // as far as is known here
	p := &pb.ModelInferResponse{ModelName: a.Model, ModelVersion: a.Version, Id: a.ID}
	for i := range a.Outputs {
		t := &a.Outputs[i]
		p.Outputs = append(p.Outputs, &pb.ModelInferResponse_InferOutputTensor{Name: t.Name, Datatype: t.Datatype, Shape: t.Shape})
		p.RawOutputContents = append(p.RawOutputContents, t.AppendBinary(make([]byte, 0, t.BinarySize())))
	}
	return p, nil
}

var inferRequest = (&pb.ModelInferRequest{}).ProtoReflect().Descriptor()

// carrier is a call's metadata, as OpenTelemetry reads it.
type carrier metadata.MD

func (c carrier) Get(key string) string { return first(metadata.MD(c), key) }
func (c carrier) Set(key, value string) { metadata.MD(c).Set(key, value) }
func (c carrier) Keys() []string        { return slices.Collect(maps.Keys(c)) }

// request reads a request from its message, whose memory it may share.
func request(r *pb.ModelInferRequest) (*oip.Request, error) {
	q := &oip.Request{ID: r.Id, Params: params(r.Parameters)}
	if n := len(r.RawInputContents); n > 0 && n != len(r.Inputs) {
		return nil, fault.New(fault.Invalid, "%d raw_input_contents, want one for each of %d inputs, or none", n, len(r.Inputs))
	}
	for i, in := range r.Inputs {
		t := oip.Tensor{Name: in.GetName(), Datatype: in.GetDatatype(), Shape: in.GetShape(), Params: params(in.GetParameters())}
		var err error
		if len(r.RawInputContents) == 0 {
			err = contents(&t, in.GetContents())
		} else if in.GetContents() != nil {
			err = fault.New(fault.Invalid, "input %s: both contents and raw_input_contents", t.Name)
		} else {
			err = t.Binary(r.RawInputContents[i])
		}
		if err != nil {
			return nil, err
		}
		q.Inputs = append(q.Inputs, t)
	}
	for _, o := range r.Outputs {
		q.Outputs = append(q.Outputs, oip.Wanted{Name: o.GetName(), Params: params(o.GetParameters())})
	}
	return q, nil
}

// contents sets a tensor's elements from the field that suits its datatype.
func contents(t *oip.Tensor, c *pb.InferTensorContents) error {
	got := 0
	switch t.Datatype {
	case oip.FP32:
		t.Floats, got = c.GetFp32Contents(), len(c.GetFp32Contents())
	case oip.BYTES:
		t.Strings, got = c.GetBytesContents(), len(c.GetBytesContents())
	case oip.UINT8:
		got = len(c.GetUintContents())
		t.Octets = make([]byte, got)
		for i, v := range c.GetUintContents() {
			if v > math.MaxUint8 {
				return fault.New(fault.Invalid, "input %s: element %d is %d, want at most 255", t.Name, i, v)
			}
			t.Octets[i] = byte(v)
		}
	default:
		return fault.New(fault.Invalid, "input %s: datatype %q, want %s, %s or %s", t.Name, t.Datatype, oip.FP32, oip.UINT8, oip.BYTES)
	}
	want, err := oip.Elements("input "+t.Name, t.Shape, math.MaxInt32)
	if err == nil && got != want {
		err = fault.New(fault.Invalid, "input %s: %d elements of contents, want %d for %s %v", t.Name, got, want, t.Datatype, t.Shape)
	}
	return err
}

func params(m map[string]*pb.InferParameter) oip.Params {
	p := oip.Params{}
	for k, v := range m {
		switch v := v.GetParameterChoice().(type) {
		case *pb.InferParameter_BoolParam:
			p[k] = v.BoolParam
		case *pb.InferParameter_Int64Param:
			p[k] = v.Int64Param
		case *pb.InferParameter_StringParam:
			p[k] = v.StringParam
		case *pb.InferParameter_DoubleParam:
			p[k] = v.DoubleParam
		case *pb.InferParameter_Uint64Param:
			if v.Uint64Param <= math.MaxInt64 {
				p[k] = int64(v.Uint64Param)
			} else {
				p[k] = float64(v.Uint64Param)
			}
		}
	}
	return p
}
