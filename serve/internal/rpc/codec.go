package rpc

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"

	"github.com/riffle-ml/riffle/serve/internal/rpc/pb"
)

// A message of protocol buffers may take a hundred times its length once it is read: an
// empty input is two bytes in a request and 144 in memory. So an infer request is handed on
// as its bytes, which are looked at before they are read, and other messages, which are of
// some bytes, are refused if they are long.

// raw is an infer request as it came.
type raw []byte

// longest is how many bytes a message may have that is no infer request.
const longest = 16 << 10

// codec is grpc's own for protocol buffers, but for what is said above.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(proto.Name)} }

// Unmarshal reads a message, or sets a *raw to its bytes.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	if r, ok := v.(*raw); ok {
		*r = data.Materialize() // not in a buffer of a pool: a request shares its memory
		return nil
	}
	if data.Len() > longest {
		return fmt.Errorf("got %d bytes, want at most %d", data.Len(), longest)
	}
	return c.CodecV2.Unmarshal(data, v)
}

// description is the protocol's service, in which infer requests come as raw.
func description() *grpc.ServiceDesc {
	d := pb.GRPCInferenceService_ServiceDesc
	d.Methods = slices.Clone(d.Methods)
	at := slices.IndexFunc(d.Methods, func(m grpc.MethodDesc) bool { return m.MethodName == "ModelInfer" })
	d.Methods[at].Handler = func(srv any, ctx context.Context, decode func(any) error, through grpc.UnaryServerInterceptor) (any, error) {
		var in raw
		if err := decode(&in); err != nil {
			return nil, err
		}
		info := &grpc.UnaryServerInfo{Server: srv, FullMethod: pb.GRPCInferenceService_ModelInfer_FullMethodName}
		return through(ctx, in, info, func(ctx context.Context, in any) (any, error) {
			return srv.(*service).modelInfer(ctx, in.(raw))
		})
	}
	return &d
}
